-- Revokes a token id until the token has expired.
-- Called by: RedisRevocationStore.blacklist
-- Uses: make_room
-- Uses: publish
--
-- KEYS  1 token  2 feed (optional)
-- ARGV  1 lifetime_ms  2 feed_horizon_ms  3 feed_nonce
-- Returns {'OK'}
--
-- A repeated call never shortens the lifetime of an earlier one.
make_room(KEYS[1])
redis.call('SET', KEYS[1], '1', 'PX', math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[1])))
if KEYS[2] then
  publish('jti', KEYS[1], ARGV[1], ARGV[2], ARGV[3])
end
return {'OK'}
