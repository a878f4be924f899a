-- Ends one session of one account.
-- Called by: RedisSessionStore.revoke
--
-- KEYS  1 index  2 live  3 detail
-- ARGV  1 index member
-- Returns {'OK'} or {'MISSING'}
--
-- Ownership is judged in the same step that deletes, so another account's session cannot be named.
if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then
  return {'MISSING'}
end
local ended = redis.call('DEL', KEYS[2])
redis.call('DEL', KEYS[3])
if ended == 0 then
  return {'MISSING'}
end
return {'OK'}
