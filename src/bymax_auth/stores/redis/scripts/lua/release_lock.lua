-- Ends a lock while the caller holds it.
-- Called by: RedisMfaStore.release_lock
--
-- KEYS  1 lock
-- ARGV  1 nonce (of the holder)
-- Returns {'OK'} or {'LOST'}
--
-- The lock may have expired while its holder was slow, and be another's by now.
if redis.pcall('GET', KEYS[1]) ~= ARGV[1] then
  return {'LOST'}
end
redis.call('DEL', KEYS[1])
return {'OK'}
