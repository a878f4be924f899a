-- Refuses a token id until the token has expired.
-- Called by: RedisRevocationStore.blacklist
-- Uses: announce
--
-- KEYS  1 token id  2 feed, where there is one
-- ARGV  1 lifetime, ms  2 feed horizon, ms  3 feed nonce
-- Returns {'OK'}
--
-- A repeated call never shortens what an earlier one promised.
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
if KEYS[2] then
  announce('jti', KEYS[1], ARGV[1], ARGV[2], ARGV[3])
end
return {'OK'}
