-- Raises an account's token epoch.
-- Called by: RedisRevocationStore.bump_epoch
-- Uses: count
-- Uses: announce
--
-- KEYS  1 epoch  2 feed, where there is one
-- ARGV  1 retention, ms  2 feed horizon, ms  3 feed nonce
-- Returns {'OK', epoch}, or {'CORRUPT'} when the epoch is no number
--
-- The retention starts again with every rise: an epoch that lapsed before the tokens that carry it would begin at one.
if not count(KEYS[1]) then
  return {'CORRUPT'}
end
local epoch = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if KEYS[2] then
  announce('epoch', KEYS[1], epoch, ARGV[2], ARGV[3])
end
return {'OK', epoch}
