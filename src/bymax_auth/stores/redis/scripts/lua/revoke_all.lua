-- Revokes every session and grace pointer of an account, or all but those of one login, and raises its epoch.
-- Called by: RedisSessionStore.revoke_all, RedisSessionStore.revoke_all_except
-- Uses: count
-- Uses: login
-- Uses: make_room
-- Uses: publish
--
-- KEYS  1 account_index  2 epoch  3 feed (optional)
-- ARGV  1 key_prefix  2 live_prefix  3 detail_prefix  4 epoch_retention_ms  5 kept_hash (or '')
--       6 kept_must_exist ('must' or '')  7 feed_horizon_ms  8 feed_nonce
-- Returns {'OK', live sessions revoked, new epoch} or {'MISSING'}, or {'CORRUPT'} when the epoch is not a number
--
-- One step: a crash between the two would leave access tokens valid whose sessions are revoked.
if not count(KEYS[2]) then
  return {'CORRUPT'}
end
local head = ARGV[2] .. ':'
local kept = head .. ARGV[5]
local indexed = ARGV[5] ~= '' and redis.call('SISMEMBER', KEYS[1], kept) == 1
local record = indexed and redis.call('GET', ARGV[1] .. kept)
local kept_login = record and login(kept, record)
if ARGV[6] == 'must' and not kept_login then
  return {'MISSING'}
end
make_room(KEYS[2])
local removed = 0
for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local is_live = string.sub(member, 1, #head) == head
  if not (kept_login and is_live and login(member, redis.pcall('GET', ARGV[1] .. member)) == kept_login) then
    local deleted = redis.call('DEL', ARGV[1] .. member)
    if is_live then
      removed = removed + deleted
      redis.call('DEL', ARGV[1] .. ARGV[3] .. ':' .. string.sub(member, #head + 1))
    end
    redis.call('SREM', KEYS[1], member)
  end
end
local epoch = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if KEYS[3] then
  publish('epoch', KEYS[2], epoch, ARGV[7], ARGV[8])
end
return {'OK', removed, epoch}
