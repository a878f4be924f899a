-- Keeps a proof that ends others, or that takes a consumed one's place, also when the memory of Redis is full.
-- Called by: RedisProofStore.put
-- Uses: make_room
--
-- KEYS  1 proof
-- ARGV  1 payload  2 lifetime_ms
-- Returns {'OK'}
make_room(KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {'OK'}
