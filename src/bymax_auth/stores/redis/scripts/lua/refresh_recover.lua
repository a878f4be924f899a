-- Uses up the grace of an exchanged token, for a client that lost the reply to its last exchange.
-- Called by: RedisSessionStore.recover
-- Uses: count
--
-- KEYS  1 grace(old)  2 live(successor)  3 live(new)  4 index  5 detail(new)  6 family  7 epoch
-- ARGV  1 pointer seen  2 record  3 detail  4 lifetime, ms  5 family id or ''  6 new hash  7 live prefix
--       8 epoch retention, ms  9 grace prefix  10 old hash
-- Returns {'OK', epoch}, {'GONE', 0}, {'DEAD', 0} or {'SWEPT', 0}, or {'CORRUPT'} when the epoch is no number
--
-- The pointer is spent before the successor is judged, so whatever the answer to its owner, it never recovers again.
local epoch = count(KEYS[7])
if not epoch then
  return {'CORRUPT'}
end
local function keep_epoch()
  if epoch > 0 then
    redis.call('PEXPIRE', KEYS[7], ARGV[8])
  end
end
local function whose(record)
  return (string.match(record, '"tenantId":"(.-)"') or '') .. ':' .. (string.match(record, '"userId":"(.-)"') or '')
end
local pointer = redis.call('GET', KEYS[1]) or ''
local new = ARGV[7] .. ':' .. ARGV[6]
local indexed = redis.call('EXISTS', KEYS[4]) == 1
if indexed and redis.call('SISMEMBER', KEYS[4], ARGV[9] .. ':' .. ARGV[10]) == 0 then
  return {'GONE', 0}
end
if pointer == 'spent' and redis.call('SISMEMBER', KEYS[4], new) == 1 and redis.call('EXISTS', KEYS[3]) == 1 then
  keep_epoch()
  return {'OK', epoch}
end
-- Without an index only the records tell an owner whose sessions were swept from a stranger who never had any.
if pointer ~= ARGV[1] or (not indexed and whose(pointer) ~= whose(ARGV[2])) then
  return {'GONE', 0}
end
redis.call('SET', KEYS[1], 'spent', 'KEEPTTL')
if redis.call('EXISTS', KEYS[2]) == 0 then
  return {'DEAD', 0}
end
if not indexed or (ARGV[5] ~= '' and redis.call('EXISTS', KEYS[6]) == 0) then
  return {'SWEPT', 0}
end
keep_epoch()
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
