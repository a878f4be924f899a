-- Drops a cached status, and tells every process that keeps one in memory.
-- Called by: FeedRevocationStore.forget_status
-- Uses: announce
--
-- KEYS  1 status  2 whether the address is verified  3 feed
-- ARGV  1 horizon, ms  2 nonce
-- Returns {'OK'}
--
-- The entry is appended in the same step: appended later, a crash would leave the copies alive.
redis.call('DEL', KEYS[1], KEYS[2])
announce('status', KEYS[1], '0', ARGV[1], ARGV[2])
return {'OK'}
