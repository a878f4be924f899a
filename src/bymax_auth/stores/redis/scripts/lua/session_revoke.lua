-- Revokes one session of one account.
-- Called by: RedisSessionStore.revoke
--
-- KEYS  1 account_index  2 live  3 detail
-- ARGV  1 member
-- Returns {'OK'} or {'MISSING'}
--
-- Ownership is checked in the step that deletes, so an account cannot revoke another account's session.
if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then
  return {'MISSING'}
end
local ended = redis.call('DEL', KEYS[2])
redis.call('DEL', KEYS[3])
if ended == 0 then
  return {'MISSING'}
end
return {'OK'}
