-- Drops a cached status, and publishes that to every process that keeps it in memory.
-- Called by: FeedRevocationStore.forget_status
-- Uses: publish
--
-- KEYS  1 status  2 email_verified  3 feed (optional)
-- ARGV  1 feed_horizon_ms  2 feed_nonce
-- Returns {'OK'}
--
-- The entry is appended in the same step: a crash before a later append would leave the copies in use.
redis.call('DEL', KEYS[1], KEYS[2])
if KEYS[3] then
  publish('status', KEYS[1], '0', ARGV[1], ARGV[2])
end
return {'OK'}
