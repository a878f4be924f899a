-- Stores an invitation in place of the one that its caller has seen, and makes it the invitee's current one.
-- Called by: RedisInvitationStore.put
--
-- KEYS  1 invitee_index  2 record  3 superseded (optional: the record that was seen)
-- ARGV  1 seen (token hash, or '')  2 token_hash  3 payload  4 lifetime_ms
-- Returns {'OK'} or {'STALE'}
--
-- The index is compared in the step that writes, so of two concurrent invitations of one address one is refused, and the
-- record behind the index is the only one.  The first write needs memory: a full Redis refuses before anything has changed.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return {'STALE'}
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[4])
if KEYS[3] then
  redis.call('DEL', KEYS[3])
end
return {'OK'}
