-- Judges one submission of a code and consumes the code when it is right.
-- Called by: RedisOtpStore.verify
-- Uses: count
--
-- KEYS  1 record  2 wrong codes across re-issues
-- ARGV  1 fingerprint  2 wrong codes allowed  3 wrong codes allowed across re-issues  4 window of those, ms
-- Returns {'MAX', ''}, {'EXPIRED', ''} or {'PRESENT', stored fingerprint}, or {'CORRUPT'} when a count is no number
-- or the record is no hash
--
-- The count rises in the step that compares, so parallel submissions are judged one after another.
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
  redis.call('HINCRBY', KEYS[1], 'attempts', 1)
  if redis.call('INCR', KEYS[2]) == 1 or redis.call('PTTL', KEYS[2]) < 0 then
    redis.call('PEXPIRE', KEYS[2], ARGV[4])
  end
end
return {'PRESENT', code}
