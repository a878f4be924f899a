-- Admits one guess at a secret.
-- Called by: RedisAttemptStore.begin
-- Uses: count
--
-- KEYS  1 failures  2 attempts in flight
-- ARGV  1 limit  2 lifetime of an attempt that never ends, ms
-- Returns {'LOCKED', ms left of the window}, {'BUSY', 0} or {'GO', failures}, or {'CORRUPT'} when one is no number
--
-- Guesses in flight count as if they had failed, so parallel guesses cannot exceed the limit.
local failures, flying = count(KEYS[1]), count(KEYS[2])
if not failures or not flying then
  return {'CORRUPT'}
end
if failures >= tonumber(ARGV[1]) then
  return {'LOCKED', math.max(redis.call('PTTL', KEYS[1]), 0)}
end
if failures + flying >= tonumber(ARGV[1]) then
  return {'BUSY', 0}
end
redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return {'GO', failures}
