-- Ends a guess as a failure; the first one starts the window.
-- Called by: RedisAttemptStore.fail
--
-- KEYS  1 failures  2 attempts in flight
-- ARGV  1 window, ms
-- Returns {'OK', failures, ms left of the window}
--
-- A counter without a lifetime is given one, or the account would stay locked for ever.
if tonumber(redis.call('GET', KEYS[2]) or '0') > 0 then
  redis.call('DECR', KEYS[2])
end
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {'OK', count, math.max(redis.call('PTTL', KEYS[1]), 0)}
