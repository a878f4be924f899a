-- Refuses a token id until the token has expired.
-- Called by: RedisRevocationStore.blacklist
--
-- KEYS  1 token id  2 feed, where there is one
-- ARGV  1 lifetime, ms  2 feed horizon, ms  3 feed nonce
-- Returns {'OK'}
--
-- A repeated call never shortens what an earlier one promised.
local function announce(kind, key, value, horizon, nonce)
  local time, feed = redis.call('TIME'), KEYS[#KEYS]
  if redis.call('EXISTS', feed) == 0 then
    redis.call('XADD', feed, '*', 'k', 'begin', 'v', '', 'x', '0', 'n', nonce .. 'b', 'h', '0')
  end
  local oldest = string.format('%.0f', math.max(time[1] * 1000 - horizon, 0))
  redis.call('XADD', feed, 'MINID', '~', oldest, '*', 'k', kind, 'v', key, 'x', value, 'n', nonce, 'h', horizon)
  redis.call('PEXPIRE', feed, horizon * 2)
end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
if KEYS[2] then
  announce('jti', KEYS[1], ARGV[1], ARGV[2], ARGV[3])
end
return {'OK'}
