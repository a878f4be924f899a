-- Ends a guess as a failure; the first one starts the window.
-- Called by: RedisAttemptStore.fail
-- Uses: count
--
-- KEYS  1 failures  2 attempts in flight
-- ARGV  1 window, ms
-- Returns {'OK', failures, ms left of the window}, or {'CORRUPT'} when one is no number
--
-- A counter without a lifetime is given one, or the account would stay locked for ever.
local failures, flying = count(KEYS[1]), count(KEYS[2])
if not failures or not flying then
  return {'CORRUPT'}
end
if flying > 0 then
  redis.call('DECR', KEYS[2])
end
redis.call('INCR', KEYS[1])
if failures == 0 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {'OK', failures + 1, math.max(redis.call('PTTL', KEYS[1]), 0)}
