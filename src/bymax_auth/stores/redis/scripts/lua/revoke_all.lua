-- Revokes every session and grace pointer of an account, or all but those of one login, and raises its epoch.
-- Called by: RedisSessionStore.revoke_all, RedisSessionStore.revoke_all_except
-- Uses: count
-- Uses: make_room
-- Uses: publish
--
-- KEYS  1 account_index  2 epoch  3 kept_live  4 kept_family  5 ended  6 ended_index  7 feed (optional)
-- ARGV  1 key_prefix  2 live_prefix  3 detail_prefix  4 epoch_retention_ms  5 kept_hash (or '')
--       6 kept_must_exist ('must' or '')  7 feed_horizon_ms  8 feed_nonce  9 handled_at_once (members of the index)
--       10 ended_name  11 set_aside ('aside' for an index of any size, or '')  12 grace_prefix
--       13 exchanges_followed
-- Returns {'OK', live sessions deleted, new epoch, indexes set aside} or {'MISSING'}, or {'CORRUPT'} when the epoch is
-- not a number
--
-- The kept session is live, or a token that has led to the live one: by exchanges that are inside their grace windows, and
-- whose pointers the index names.
--
-- One step: a crash between the two would leave access tokens valid whose sessions are revoked.
--
-- An index that is too large to read at once is set aside under a name of its own, and EndedSessions deletes what it
-- lists.  Its sessions have ended already: a session counts only while its account's index names it.
if not count(KEYS[2]) then
  return {'CORRUPT'}
end
local aside = redis.call('SCARD', KEYS[5])
local head = ARGV[2] .. ':'
local kept = {}
local function live_session(hash, live_key)
  for left = tonumber(ARGV[13]), 0, -1 do
    local live, pointer = head .. hash, ARGV[12] .. ':' .. hash
    if redis.call('SISMEMBER', KEYS[1], live) == 1 and redis.call('EXISTS', live_key) == 1 then
      return live
    end
    local indexed = left > 0 and redis.call('SISMEMBER', KEYS[1], pointer) == 1
    hash = indexed and string.match(redis.call('GET', ARGV[1] .. pointer) or '', '^(%x+):')
    if not hash then
      return nil
    end
    live_key = ARGV[1] .. head .. hash
  end
end
local own = ARGV[5] ~= '' and live_session(ARGV[5], KEYS[3])
if own then
  for _, hash in ipairs(redis.call('SRANDMEMBER', KEYS[4], ARGV[9])) do
    kept[head .. hash] = true
  end
  kept[own] = true
elseif ARGV[6] == 'must' then
  return {'MISSING'}
end
make_room(KEYS[2])
local removed = 0
local size = redis.call('SCARD', KEYS[1])
if size > tonumber(ARGV[9]) or (size > 0 and ARGV[11] == 'aside') then
  local left = redis.call('PTTL', KEYS[1])
  redis.call('RENAME', KEYS[1], KEYS[6])
  for member in pairs(kept) do
    redis.call('SMOVE', KEYS[6], KEYS[1], member)
  end
  aside = aside + redis.call('SADD', KEYS[5], ARGV[10])
  if left > 0 then
    redis.call('PEXPIRE', KEYS[1], left)
    redis.call('PEXPIRE', KEYS[5], math.max(left, redis.call('PTTL', KEYS[5])))
  end
else
  for _, member in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if not kept[member] then
      local deleted = redis.call('DEL', ARGV[1] .. member)
      if string.sub(member, 1, #head) == head then
        removed = removed + deleted
        redis.call('DEL', ARGV[1] .. ARGV[3] .. ':' .. string.sub(member, #head + 1))
      end
      redis.call('SREM', KEYS[1], member)
    end
  end
end
local epoch = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if KEYS[7] then
  publish('epoch', KEYS[2], epoch, ARGV[7], ARGV[8])
end
return {'OK', removed, epoch, aside}
