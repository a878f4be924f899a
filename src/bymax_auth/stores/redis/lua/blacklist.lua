-- Refuses a token id until the token has expired.
-- Called by: RedisRevocationStore.blacklist
--
-- KEYS  1 token id
-- ARGV  1 lifetime, ms
-- Returns {'OK'}
--
-- A repeated call never shortens what an earlier one promised.
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return {'OK'}
