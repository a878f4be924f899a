-- Caches what a status gate has read.
-- Called by: RedisRevocationStore.remember_status
--
-- KEYS  1 status  2 whether the address is verified
-- ARGV  1 status  2 '1', '0' or '' for not asked  3 lifetime, ms
-- Returns {'OK'}
--
-- Both are written in one step, so neither is ever read beside an older other.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
if ARGV[2] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
end
return {'OK'}
