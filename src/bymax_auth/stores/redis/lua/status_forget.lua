-- Drops a cached status, and tells every process that keeps one in memory.
-- Called by: FeedRevocationStore.forget_status
--
-- KEYS  1 status  2 whether the address is verified  3 feed
-- ARGV  1 horizon, ms  2 nonce
-- Returns {'OK'}
--
-- The entry is appended in the same step: appended later, a crash would leave the copies alive.
local function announce(kind, key, value, horizon, nonce)
  local time, feed = redis.call('TIME'), KEYS[#KEYS]
  if redis.call('EXISTS', feed) == 0 then
    redis.call('XADD', feed, '*', 'k', 'begin', 'v', '', 'x', '0', 'n', nonce .. 'b', 'h', '0')
  end
  local oldest = string.format('%.0f', math.max(time[1] * 1000 - horizon, 0))
  redis.call('XADD', feed, 'MINID', '~', oldest, '*', 'k', kind, 'v', key, 'x', value, 'n', nonce, 'h', horizon)
  redis.call('PEXPIRE', feed, horizon * 2)
end
redis.call('DEL', KEYS[1], KEYS[2])
announce('status', KEYS[1], '0', ARGV[1], ARGV[2])
return {'OK'}
