-- Revokes every session that descends from one login.
-- Called by: RedisSessionStore.revoke_family
--
-- KEYS  1 family  2 account_index (optional: no record names the owner)
-- ARGV  1 key_prefix  2 live_prefix  3 detail_prefix
-- Returns {'OK', live sessions revoked}
--
-- Members are read in the step that revokes them, so a session that is created meanwhile is among them.
local removed = 0
for _, hash in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local member = ARGV[2] .. ':' .. hash
  removed = removed + redis.call('DEL', ARGV[1] .. member)
  redis.call('DEL', ARGV[1] .. ARGV[3] .. ':' .. hash)
  if KEYS[2] then
    redis.call('SREM', KEYS[2], member)
  end
end
redis.call('DEL', KEYS[1])
return {'OK', removed}
