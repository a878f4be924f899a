-- Caches the account status that a status check has read.
-- Called by: RedisRevocationStore.remember_status
--
-- KEYS  1 status  2 email_verified
-- ARGV  1 status  2 email_verified ('1', '0' or '' when unknown)  3 lifetime_ms
-- Returns {'OK'}
--
-- Both keys are written in one step, so neither is ever read beside an older value of the other.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
if ARGV[2] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
end
return {'OK'}
