-- Exchanges a live refresh token for its successor.
-- Called by: RedisSessionStore.rotate
-- Uses: count
-- Uses: make_room
--
-- KEYS  1 old_live  2 new_live  3 old_grace  4 old_consumed  5 family  6 account_index  7 old_detail  8 new_detail
--       9 epoch
-- ARGV  1 record  2 detail  3 lifetime_ms  4 grace_ms (or 0)  5 family_id (or '')  6 old_hash  7 new_hash
--       8 key_prefix  9 live_prefix  10 grace_prefix  11 prune_every (members of the index)  12 consumed_ms
--       13 epoch_retention_ms
-- Returns {'OK', epoch} or {'GONE', 0}, or {'CORRUPT'} when the epoch is not a number
--
-- A token that was exchanged for the same successor, which is live, is answered like the exchange while its grace pointer
-- is there: a successor is derived from its token, and requests that race derive the same one.
--
-- Sets are written first, because their keys may have another type, and the old record is deleted last: a rotation that
-- fails half-way consumes no token, and leaves no session that is missing from the index.
local epoch = count(KEYS[9])
if not epoch then
  return {'CORRUPT'}
end
local old, new = ARGV[9] .. ':' .. ARGV[6], ARGV[9] .. ':' .. ARGV[7]
if redis.call('SISMEMBER', KEYS[6], old) == 0 or redis.call('EXISTS', KEYS[1]) == 0 then
  local pointer = redis.call('GET', KEYS[3]) or ''
  -- A pointer counts, as a session does, while the index names it.
  local repeated = string.sub(pointer, 1, #ARGV[7] + 1) == ARGV[7] .. ':'
    and redis.call('SISMEMBER', KEYS[6], ARGV[10] .. ':' .. ARGV[6]) == 1
  if repeated and redis.call('SISMEMBER', KEYS[6], new) == 1 and redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('PEXPIRE', KEYS[9], ARGV[13])
    return {'OK', epoch}
  end
  return {'GONE', 0}
end
make_room(KEYS[1])
redis.call('PEXPIRE', KEYS[9], ARGV[13])
local lifetime, grace = tonumber(ARGV[3]), tonumber(ARGV[4])
local function extend(key)
  if redis.call('PTTL', key) < lifetime then
    redis.call('PEXPIRE', key, lifetime)
  end
end
if ARGV[5] ~= '' then
  redis.call('SADD', KEYS[5], ARGV[7])
  redis.call('SREM', KEYS[5], ARGV[6])
  extend(KEYS[5])
  redis.call('SET', KEYS[4], ARGV[5], 'PX', ARGV[12])
end
redis.call('SADD', KEYS[6], new)
redis.call('SREM', KEYS[6], old)
if grace > 0 then
  redis.call('SADD', KEYS[6], ARGV[10] .. ':' .. ARGV[6])
  redis.call('SET', KEYS[3], ARGV[7] .. ':' .. ARGV[1], 'PX', grace)
end
extend(KEYS[6])
redis.call('SET', KEYS[2], ARGV[1], 'PX', lifetime)
redis.call('SET', KEYS[8], ARGV[2], 'PX', lifetime)
-- At every multiple of a number of members, not above a number: the pointers of a client that rotates all the time are
-- alive.  A sample of twice that number removes pointers as fast as they are added, in constant time.
if redis.call('SCARD', KEYS[6]) % tonumber(ARGV[11]) == 0 then
  local head = ARGV[10] .. ':'
  for _, member in ipairs(redis.call('SRANDMEMBER', KEYS[6], 2 * tonumber(ARGV[11]))) do
    if string.sub(member, 1, #head) == head and redis.call('EXISTS', ARGV[8] .. member) == 0 then
      redis.call('SREM', KEYS[6], member)
    end
  end
end
redis.call('DEL', KEYS[1], KEYS[7])
return {'OK', epoch}
