-- Ends every session that descends from one login.
-- Called by: RedisSessionStore.revoke_family
--
-- KEYS  1 family  2 index, absent when no member names its owner
-- ARGV  1 key prefix  2 live prefix  3 detail prefix
-- Returns {'OK', live sessions ended}
--
-- Members are read in the step that ends them, so a session that is born meanwhile is among them.
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
