-- Raises an account's token epoch.
-- Called by: RedisRevocationStore.bump_epoch
-- Uses: count
-- Uses: make_room
-- Uses: publish
--
-- KEYS  1 epoch  2 feed (optional)
-- ARGV  1 epoch_retention_ms  2 feed_horizon_ms  3 feed_nonce
-- Returns {'OK', epoch}, or {'CORRUPT'} when the epoch is not a number
--
-- Every raise restarts the retention: an epoch that expired before the tokens that carry it would start again at one.
if not count(KEYS[1]) then
  return {'CORRUPT'}
end
make_room(KEYS[1])
local epoch = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if KEYS[2] then
  publish('epoch', KEYS[1], epoch, ARGV[2], ARGV[3])
end
return {'OK', epoch}
