-- Exchanges a live refresh token for its successor, at most once.
-- Called by: RedisSessionStore.rotate
-- Uses: count
--
-- KEYS  1 live(old)  2 live(new)  3 grace(old)  4 consumed(old)  5 family  6 index  7 detail(old)  8 detail(new)  9 epoch
-- ARGV  1 record  2 detail  3 lifetime, ms  4 grace, ms, or 0  5 family id or ''  6 old hash  7 new hash
--       8 key prefix  9 live prefix  10 grace prefix  11 members of the index between two prunings
--       12 lifetime of the consumed mark, ms  13 epoch retention, ms
-- Returns {'OK', epoch} or {'GONE', 0}, or {'CORRUPT'} when the epoch is no number
--
-- Sets are written first, which may hold something else, and the old key goes last: an exchange that fails half-way
-- consumes no token, and leaves no session that no index knows.
local epoch = count(KEYS[9])
if not epoch then
  return {'CORRUPT'}
end
local function keep_epoch()
  if epoch > 0 then
    redis.call('PEXPIRE', KEYS[9], ARGV[13])
  end
end
local old, new = ARGV[9] .. ':' .. ARGV[6], ARGV[9] .. ':' .. ARGV[7]
if redis.call('SISMEMBER', KEYS[6], old) == 0 or redis.call('EXISTS', KEYS[1]) == 0 then
  -- Successors are random, so a live one means that this very call has run before.
  if redis.call('SISMEMBER', KEYS[6], new) == 1 and redis.call('EXISTS', KEYS[2]) == 1 then
    keep_epoch()
    return {'OK', epoch}
  end
  return {'GONE', 0}
end
keep_epoch()
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
-- At every so many members, not above so many: a client that exchanges without a pause keeps its pointers alive.
-- A sample of twice as many forgets them as fast as they come, and takes no longer however many there are.
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
