-- Ends an attempt as a failure; the first failure starts the window.
-- Called by: RedisAttemptStore.fail
-- Uses: count
-- Uses: make_room
--
-- KEYS  1 failures  2 in_flight
-- ARGV  1 window_ms
-- Returns {'OK', failures, ms left of the window}, or {'CORRUPT'} when a counter is not a number
--
-- A counter without a lifetime is given one, or the account would stay locked forever.
local failures, in_flight = count(KEYS[1]), count(KEYS[2])
if not failures or not in_flight then
  return {'CORRUPT'}
end
make_room(KEYS[2])
if in_flight > 0 then
  redis.call('DECR', KEYS[2])
end
redis.call('INCR', KEYS[1])
if failures == 0 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {'OK', failures + 1, math.max(redis.call('PTTL', KEYS[1]), 0)}
