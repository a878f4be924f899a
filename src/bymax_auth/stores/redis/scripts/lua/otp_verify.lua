-- Verifies one attempt at a code, and deletes the code when it is right.
-- Called by: RedisOtpStore.verify
-- Uses: count
-- Uses: make_room
--
-- KEYS  1 code  2 wrong_codes (of all codes of the window)
-- ARGV  1 fingerprint  2 max_attempts  3 max_wrong_codes  4 wrong_codes_window_ms
-- Returns {'MAX', ''}, {'EXPIRED', ''} or {'PRESENT', stored fingerprint}, or {'CORRUPT'} when a counter is not a
-- number or the code is not a hash
--
-- The counter is raised in the step that compares, so concurrent attempts are verified one after another.
local ceiling = count(KEYS[2])
if not ceiling then
  return {'CORRUPT'}
end
if ceiling >= tonumber(ARGV[3]) then
  return {'MAX', ''}
end
local code = redis.pcall('HGET', KEYS[1], 'code')
if not code then
  return {'EXPIRED', ''}
end
local attempts = type(code) == 'string' and number(redis.call('HGET', KEYS[1], 'attempts') or '0')
if not attempts then
  return {'CORRUPT'}
end
if attempts >= tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  return {'MAX', ''}
end
if code == ARGV[1] then
  redis.call('DEL', KEYS[1])
else
  make_room(KEYS[1])
  redis.call('HINCRBY', KEYS[1], 'attempts', 1)
  if redis.call('INCR', KEYS[2]) == 1 or redis.call('PTTL', KEYS[2]) < 0 then
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
  end
end
return {'PRESENT', code}
