-- Deletes the invitation that its caller has seen, with the index entry that names it.
-- Called by: RedisInvitationStore.revoke
--
-- KEYS  1 invitee_index  2 record
-- ARGV  1 seen (token hash)
-- Returns {'OK', records deleted} or {'STALE'}
--
-- The index is compared in the step that deletes, so an invitation sent meanwhile stays.  An acceptance that has taken the
-- record leaves none to delete.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {'STALE'}
end
redis.call('DEL', KEYS[1])
return {'OK', redis.call('DEL', KEYS[2])}
