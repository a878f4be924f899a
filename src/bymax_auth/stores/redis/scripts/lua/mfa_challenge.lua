-- Uses a code and a temporary token together.
-- Called by: RedisMfaStore.consume_challenge
--
-- KEYS  1 code  2 temp_token
-- ARGV  1 lifetime_ms  2 nonce (of this call)
-- Returns {'OK'} or {'USED'}
--
-- One step, so of several valid codes for one token only one is used: the others are given back.  A driver that sends
-- the call twice finds its own nonce.  The write that may be refused for want of memory is the first.
if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[1]) then
  return {redis.pcall('GET', KEYS[1]) == ARGV[2] and 'OK' or 'USED'}
end
if redis.call('DEL', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  return {'USED'}
end
return {'OK'}
