-- Reads the failures of a counter and what is left of their window.
-- Called by: RedisAttemptStore.failures
-- Uses: count
--
-- KEYS  1 failures
-- Returns {'OK', failures, ms left of the window}, or {'CORRUPT'} when they are not a number
--
-- One atomic read, so a count is never returned with the window of the next one.
local failures = count(KEYS[1])
if not failures then
  return {'CORRUPT'}
end
return {'OK', failures, math.max(redis.call('PTTL', KEYS[1]), 0)}
