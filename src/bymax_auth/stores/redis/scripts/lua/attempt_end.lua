-- Ends a guess as a success, which clears the failures, or as neither.
-- Called by: RedisAttemptStore.ok, RedisAttemptStore.abandon
-- Uses: count
--
-- KEYS  1 attempts in flight  2 failures, only for a success
-- Returns {'OK'}, or {'CORRUPT'} when what is in flight is no number
--
-- One that was forgotten meanwhile takes nobody else's place: the count never falls below zero.
local flying = count(KEYS[1])
if not flying then
  return {'CORRUPT'}
end
if flying > 0 then
  redis.call('DECR', KEYS[1])
end
if KEYS[2] then
  redis.call('DEL', KEYS[2])
end
return {'OK'}
