-- Stores a code's fingerprint, replacing an earlier one and its count of attempts.
-- Called by: RedisOtpStore.put
--
-- KEYS  1 record
-- ARGV  1 fingerprint  2 lifetime, ms
-- Returns {'OK'}
--
-- One step, so no submission is judged against a new code with the old count.
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'attempts', '0')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'OK'}
