-- Revokes the login of one session of one account.
-- Called by: RedisSessionStore.revoke
--
-- KEYS  1 account_index  2 family  3 live  4 detail
-- ARGV  1 token_hash  2 key_prefix  3 live_prefix  4 detail_prefix
-- Returns {'OK'} or {'MISSING'}
--
-- Ownership is checked in the step that deletes, so an account cannot revoke another account's session.
local ended = 0
local function revoke(hash, live, detail)
  if redis.call('SREM', KEYS[1], ARGV[3] .. ':' .. hash) == 1 then
    ended = ended + redis.call('DEL', live)
    redis.call('DEL', detail)
  end
end
for _, hash in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  revoke(hash, ARGV[2] .. ARGV[3] .. ':' .. hash, ARGV[2] .. ARGV[4] .. ':' .. hash)
end
revoke(ARGV[1], KEYS[3], KEYS[4])
if ended == 0 then
  return {'MISSING'}
end
redis.call('DEL', KEYS[2])
return {'OK'}
