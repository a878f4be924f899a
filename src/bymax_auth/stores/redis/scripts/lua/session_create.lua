-- Stores a new session in its account's index and family, with its recent authentication, and evicts logins beyond a cap.
-- Called by: RedisSessionStore.create
-- Uses: count
-- Uses: login
--
-- KEYS  1 live  2 account_index  3 detail  4 family  5 epoch  6 recent_auth
-- ARGV  1 record  2 detail  3 lifetime_ms  4 family_id (or '')  5 member  6 token_hash  7 expected_epoch (or '')
--       8 recent_auth_ms (or 0)  9 cap (or 0)  10 key_prefix  11 live_prefix  12 detail_prefix  13 epoch_retention_ms
--       14 handled_at_once (members of the index)
-- Returns {'OK', epoch, one hash of each evicted login, ...} or {'STALE', epoch}, or {'CORRUPT'} when the epoch is not a number
--
-- The expected epoch is compared before anything is written.  So a revoke-all happens either before this call, which
-- then refuses, or after it, when it finds the session in the index.
local epoch = count(KEYS[5])
if not epoch then
  return {'CORRUPT'}
end
if ARGV[7] ~= '' and epoch ~= tonumber(ARGV[7]) then
  return {'STALE', epoch}
end
local lifetime = tonumber(ARGV[3])
local function extend(key)
  if redis.call('PTTL', key) < lifetime then
    redis.call('PEXPIRE', key, lifetime)
  end
end
-- Members first: when the index cannot take one, no session is left that revoking all would miss.  And the first write needs
-- memory: after one that needs none, a full Redis would let the others pass.
redis.call('SADD', KEYS[2], ARGV[5])
redis.call('PEXPIRE', KEYS[5], ARGV[13])
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
local created_login = login(ARGV[5], ARGV[1])
local others, logins = {}, {}
local head = ARGV[11] .. ':'
-- The whole index, or of one that is too large to read at once a sample: what is beyond the cap in a part is beyond it
-- in the whole.
local sample = math.max(tonumber(ARGV[14]), 4 * cap)
for _, member in ipairs(redis.call('SRANDMEMBER', KEYS[2], sample)) do
  if string.sub(member, 1, #head) == head and member ~= ARGV[5] then
    local hash = string.sub(member, #head + 1)
    local record = redis.pcall('GET', ARGV[10] .. member)
    local name = login(member, record)
    if not record then
      redis.call('SREM', KEYS[2], member)
    elseif name ~= created_login then
      -- A detail that is missing or cannot be read counts as the oldest.
      local detail = redis.pcall('GET', ARGV[10] .. ARGV[12] .. ':' .. hash)
      local created = tonumber(type(detail) == 'string' and string.match(detail, '"createdAt":(%d+)') or '0')
      local other = logins[name]
      if not other then
        other = {created, hash, {}}
        logins[name] = other
        others[#others + 1] = other
      elseif created < other[1] or (created == other[1] and hash < other[2]) then
        other[1], other[2] = created, hash
      end
      table.insert(other[3], hash)
    end
  end
end
table.sort(others, function(a, b)
  if a[1] == b[1] then
    return a[2] < b[2]
  end
  return a[1] < b[1]
end)
for position = 1, #others + 1 - cap do
  for _, hash in ipairs(others[position][3]) do
    redis.call('SREM', KEYS[2], head .. hash)
    redis.call('DEL', ARGV[10] .. head .. hash, ARGV[10] .. ARGV[12] .. ':' .. hash)
  end
  reply[#reply + 1] = others[position][2]
end
return reply
