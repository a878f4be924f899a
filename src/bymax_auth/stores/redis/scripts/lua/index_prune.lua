-- Removes from an account's index the members whose record has expired.
-- Called by: RedisSessionStore.list
--
-- KEYS  1 account_index
-- ARGV  1 key_prefix  2 handled_at_once (members, in no order)
-- Returns {'OK', members removed}
--
-- Only the record counts: a session that lost its detail alone stays in the index, or revoking all would miss it.
local removed = 0
for _, member in ipairs(redis.call('SRANDMEMBER', KEYS[1], ARGV[2])) do
  if redis.call('EXISTS', ARGV[1] .. member) == 0 then
    removed = removed + redis.call('SREM', KEYS[1], member)
  end
end
return {'OK', removed}
