-- Says whether a rotated refresh token leads to a live successor, which its presenter may be given again.
-- Called by: RedisSessionStore.reissue
-- Uses: count
-- Uses: make_room
--
-- KEYS  1 old_grace  2 successor_live  3 successor_grace  4 account_index  5 epoch
-- ARGV  1 old_member  2 successor_hash  3 live_prefix  4 epoch_retention_ms
-- Returns {'OK', epoch}, {'EXCHANGED', 0}, {'DEAD', 0} or {'GONE', 0}, or {'CORRUPT'} when the epoch is not a number
--
-- A pointer to a dead successor is marked as spent, so one retry of a revoked login is reported and the next is not.
local epoch = count(KEYS[5])
if not epoch then
  return {'CORRUPT'}
end
local pointer = redis.call('GET', KEYS[1]) or ''
if redis.call('SISMEMBER', KEYS[4], ARGV[1]) == 0 or string.sub(pointer, 1, #ARGV[2] + 1) ~= ARGV[2] .. ':' then
  return {'GONE', 0}
end
if redis.call('SISMEMBER', KEYS[4], ARGV[3] .. ':' .. ARGV[2]) == 1 and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PEXPIRE', KEYS[5], ARGV[4])
  return {'OK', epoch}
end
if redis.call('EXISTS', KEYS[3]) == 1 then
  return {'EXCHANGED', 0}
end
make_room(KEYS[1])
redis.call('SET', KEYS[1], 'spent', 'KEEPTTL')
return {'DEAD', 0}
