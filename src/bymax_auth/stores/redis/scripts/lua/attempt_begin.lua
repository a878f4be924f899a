-- Admits one attempt to guess a secret.
-- Called by: RedisAttemptStore.begin
-- Uses: count
--
-- KEYS  1 failures  2 in_flight
-- ARGV  1 limit  2 in_flight_ms (how long an attempt that never ends counts)
-- Returns {'LOCKED', ms left of the window}, {'BUSY', 0} or {'GO', failures}, or {'CORRUPT'} when a counter is not a
-- number
--
-- Attempts in flight count as failures, so concurrent attempts cannot exceed the limit.
local failures, in_flight = count(KEYS[1]), count(KEYS[2])
if not failures or not in_flight then
  return {'CORRUPT'}
end
if failures >= tonumber(ARGV[1]) then
  return {'LOCKED', math.max(redis.call('PTTL', KEYS[1]), 0)}
end
if failures + in_flight >= tonumber(ARGV[1]) then
  return {'BUSY', 0}
end
redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {'GO', failures}
