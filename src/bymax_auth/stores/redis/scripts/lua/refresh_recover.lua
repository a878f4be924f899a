-- Uses up the grace of a token that another server rotated, for a client that lost the response.
-- Called by: RedisSessionStore.recover
-- Uses: count
--
-- KEYS  1 old_grace  2 successor_live  3 new_live  4 account_index  5 new_detail  6 family  7 epoch
-- ARGV  1 pointer (as the caller read it)  2 record  3 detail  4 lifetime_ms  5 family_id (or '')  6 new_hash
--       7 live_prefix  8 epoch_retention_ms  9 grace_prefix  10 old_hash
-- Returns {'OK', epoch}, {'GONE', 0}, {'DEAD', 0} or {'REVOKED', 0}, or {'CORRUPT'} when the epoch is not a number
--
-- The pointer is marked as spent before the successor is checked, so whatever the reply, it never recovers again.
local epoch = count(KEYS[7])
if not epoch then
  return {'CORRUPT'}
end
local function owner(record)
  return (string.match(record, '"tenantId":"(.-)"') or '') .. ':' .. (string.match(record, '"userId":"(.-)"') or '')
end
local pointer = redis.call('GET', KEYS[1]) or ''
local new = ARGV[7] .. ':' .. ARGV[6]
local indexed = redis.call('EXISTS', KEYS[4]) == 1
if indexed and redis.call('SISMEMBER', KEYS[4], ARGV[9] .. ':' .. ARGV[10]) == 0 then
  return {'GONE', 0}
end
if pointer == 'spent' and redis.call('SISMEMBER', KEYS[4], new) == 1 and redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('PEXPIRE', KEYS[7], ARGV[8])
  return {'OK', epoch}
end
-- Without an index only the records distinguish an owner whose sessions were revoked from an account without any.
if pointer ~= ARGV[1] or (not indexed and owner(pointer) ~= owner(ARGV[2])) then
  return {'GONE', 0}
end
redis.call('SET', KEYS[1], 'spent', 'KEEPTTL')
if redis.call('EXISTS', KEYS[2]) == 0 then
  return {'DEAD', 0}
end
if not indexed or (ARGV[5] ~= '' and redis.call('EXISTS', KEYS[6]) == 0) then
  return {'REVOKED', 0}
end
redis.call('PEXPIRE', KEYS[7], ARGV[8])
local lifetime = tonumber(ARGV[4])
local function extend(key)
  if redis.call('PTTL', key) < lifetime then
    redis.call('PEXPIRE', key, lifetime)
  end
end
redis.call('SET', KEYS[3], ARGV[2], 'PX', lifetime)
redis.call('SET', KEYS[5], ARGV[3], 'PX', lifetime)
redis.call('SADD', KEYS[4], new)
extend(KEYS[4])
if ARGV[5] ~= '' then
  redis.call('SADD', KEYS[6], ARGV[6])
  extend(KEYS[6])
end
return {'OK', epoch}
