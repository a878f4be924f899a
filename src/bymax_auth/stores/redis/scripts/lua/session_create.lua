-- Stores a new session, its place in the account's index and family, its mark of recency, within its cap.
-- Called by: RedisSessionStore.create
-- Uses: count
--
-- KEYS  1 live  2 index  3 detail  4 family  5 epoch  6 recent-auth mark
-- ARGV  1 record  2 detail  3 lifetime, ms  4 family id or ''  5 index member  6 token hash
--       7 expected epoch or ''  8 recent-auth lifetime, ms, or 0  9 cap or 0
--       10 key prefix  11 live prefix  12 detail prefix  13 epoch retention, ms
-- Returns {'OK', epoch, evicted hash, ...} or {'STALE', epoch}, or {'CORRUPT'} when the epoch is no number
--
-- The fence is judged before anything is written, so a revoke-all falls wholly before this call, when it refuses,
-- or wholly after it, when the session is in the index that it sweeps.
local epoch = count(KEYS[5])
if not epoch then
  return {'CORRUPT'}
end
if ARGV[7] ~= '' and epoch ~= tonumber(ARGV[7]) then
  return {'STALE', epoch}
end
if epoch > 0 then
  redis.call('PEXPIRE', KEYS[5], ARGV[13])
end
local lifetime = tonumber(ARGV[3])
local function extend(key)
  if redis.call('PTTL', key) < lifetime then
    redis.call('PEXPIRE', key, lifetime)
  end
end
-- Members first: where an index cannot take one, no session is left that revoking all would miss.
redis.call('SADD', KEYS[2], ARGV[5])
extend(KEYS[2])
if ARGV[4] ~= '' then
  redis.call('SADD', KEYS[4], ARGV[6])
  extend(KEYS[4])
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', lifetime)
redis.call('SET', KEYS[3], ARGV[2], 'PX', lifetime)
if tonumber(ARGV[8]) > 0 then
  redis.call('SET', KEYS[6], '1', 'PX', ARGV[8])
end
local reply = {'OK', epoch}
local cap = tonumber(ARGV[9])
if cap <= 0 then
  return reply
end
local others = {}
local head = ARGV[11] .. ':'
for _, member in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if string.sub(member, 1, #head) == head and member ~= ARGV[5] then
    local hash = string.sub(member, #head + 1)
    if redis.call('EXISTS', ARGV[10] .. member) == 1 then
      -- A detail that is missing or cannot be read counts as the oldest.
      local detail = redis.pcall('GET', ARGV[10] .. ARGV[12] .. ':' .. hash)
      local created = type(detail) == 'string' and string.match(detail, '"createdAt":(%d+)') or '0'
      others[#others + 1] = {tonumber(created), hash, member}
    else
      redis.call('SREM', KEYS[2], member)
    end
  end
end
table.sort(others, function(a, b)
  if a[1] == b[1] then
    return a[2] < b[2]
  end
  return a[1] < b[1]
end)
for place = 1, #others + 1 - cap do
  local hash, member = others[place][2], others[place][3]
  redis.call('SREM', KEYS[2], member)
  redis.call('DEL', ARGV[10] .. member, ARGV[10] .. ARGV[12] .. ':' .. hash)
  reply[#reply + 1] = hash
end
return reply
