-- Counts one request in a window that starts at the first and never slides.
-- Called by: RedisRateLimitStore.hit
--
-- KEYS  1 counter
-- ARGV  1 window, ms
-- Returns {'OK', count, ms left of the window}
--
-- A counter without a lifetime is given one, or the client would stay refused for ever.
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {'OK', count, math.max(redis.call('PTTL', KEYS[1]), 0)}
