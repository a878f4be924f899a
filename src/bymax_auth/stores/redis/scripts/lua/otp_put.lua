-- Stores the fingerprint of a code, and replaces an earlier one with its number of attempts.
-- Called by: RedisOtpStore.put
--
-- KEYS  1 code
-- ARGV  1 fingerprint  2 lifetime_ms
-- Returns {'OK'}
--
-- One step, so no attempt is verified against a new code with the old number of attempts.
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'attempts', '0')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {'OK'}
