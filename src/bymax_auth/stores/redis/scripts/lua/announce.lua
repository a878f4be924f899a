-- Appends to the feed, the last of a script's keys, what the script has just revoked.
-- Used by: the scripts whose header says "Uses: announce"
--
-- A stream that begins says so first: it lacks whatever was revoked before.  Entries older than the horizon go, by the
-- clock of Redis, a few at a time.
local function announce(kind, key, value, horizon, nonce)
  local time, feed = redis.call('TIME'), KEYS[#KEYS]
  if redis.call('XLEN', feed) == 0 then
    redis.call('XADD', feed, '*', 'k', 'begin', 'v', '', 'x', '0', 'n', nonce .. 'b', 'h', '0')
  end
  local oldest = string.format('%.0f', math.max(time[1] * 1000 - horizon, 0))
  redis.call('XADD', feed, 'MINID', '~', oldest, '*', 'k', kind, 'v', key, 'x', value, 'n', nonce, 'h', horizon)
  redis.call('PEXPIRE', feed, horizon * 2)
end
