-- Appends a revocation to the feed, whose key is the last one of the script.
-- Used by: the scripts whose header says "Uses: publish"
--
-- A new stream begins with an entry that says so: it lacks what was revoked before.  Entries older than the horizon are
-- trimmed a few at a time, by the clock of Redis.
local function publish(kind, key, value, horizon, nonce)
  local time, feed = redis.call('TIME'), KEYS[#KEYS]
  if redis.call('XLEN', feed) == 0 then
    redis.call('XADD', feed, '*', 'k', 'begin', 'v', '', 'x', '0', 'n', nonce .. 'b', 'h', '0')
  end
  local oldest = string.format('%.0f', math.max(time[1] * 1000 - horizon, 0))
  redis.call('XADD', feed, 'MINID', '~', oldest, '*', 'k', kind, 'v', key, 'x', value, 'n', nonce, 'h', horizon)
  redis.call('PEXPIRE', feed, horizon * 2)
end
