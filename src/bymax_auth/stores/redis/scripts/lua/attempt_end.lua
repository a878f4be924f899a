-- Ends an attempt that succeeded, which clears the failures, or that was abandoned.
-- Called by: RedisAttemptStore.ok, RedisAttemptStore.abandon
-- Uses: count
--
-- KEYS  1 in_flight  2 failures (optional: for a success)
-- Returns {'OK'}, or {'CORRUPT'} when the number of attempts in flight is not a number
--
-- The number in flight never falls below zero: an attempt whose record has expired does not end another one.
local in_flight = count(KEYS[1])
if not in_flight then
  return {'CORRUPT'}
end
if in_flight > 0 then
  redis.call('DECR', KEYS[1])
end
if KEYS[2] then
  redis.call('DEL', KEYS[2])
end
return {'OK'}
