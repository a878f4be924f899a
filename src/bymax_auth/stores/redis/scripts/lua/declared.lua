-- Lets a script go on only while a set has the members for which its caller has declared keys.
-- Used by: DeclaringServer, before each script that rebuilds keys from members
--
-- KEYS  those of the script, then every key that it will rebuild
-- ARGV  those of the script, then the members, how many, how many keys were added, and which of KEYS is the set
-- Returns {'STALE'} when the set has changed; else the script runs with its own KEYS and ARGV
--
-- Nothing happens between this comparison and the script, so what the script meets is what was declared.
do
  local set = KEYS[tonumber(table.remove(ARGV))]
  local added, listed = tonumber(table.remove(ARGV)), tonumber(table.remove(ARGV))
  local known = {}
  for _ = 1, listed do
    known[table.remove(ARGV)] = true
  end
  for _ = 1, added do
    table.remove(KEYS)
  end
  if redis.call('SCARD', set) ~= listed then
    return {'STALE'}
  end
  for _, member in ipairs(redis.call('SMEMBERS', set)) do
    if not known[member] then
      return {'STALE'}
    end
  end
end
