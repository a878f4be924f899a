-- Counts one request in a fixed window, which starts at the first request.
-- Called by: RedisRateLimitStore.hit
-- Uses: count
-- Uses: make_room
--
-- KEYS  1 counter
-- ARGV  1 window_ms
-- Returns {'OK', count, ms left of the window}, or {'CORRUPT'} when the counter is not a number
--
-- A client that is counted already goes on being counted when the memory of Redis is full; a new one is refused, or
-- strangers could fill it beyond its bound.  A counter without a lifetime is given one, or the client would be refused forever.
local before = count(KEYS[1])
if not before then
  return {'CORRUPT'}
end
if before > 0 then
  make_room(KEYS[1])
end
redis.call('INCR', KEYS[1])
if before == 0 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return {'OK', before + 1, math.max(redis.call('PTTL', KEYS[1]), 0)}
