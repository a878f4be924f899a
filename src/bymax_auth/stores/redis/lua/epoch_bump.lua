-- Raises an account's token epoch.
-- Called by: RedisRevocationStore.bump_epoch
--
-- KEYS  1 epoch
-- ARGV  1 retention, ms
-- Returns {'OK', epoch}
--
-- The retention starts again with every rise: an epoch that lapsed before the tokens that carry it would begin at one.
local epoch = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {'OK', epoch}
