-- Stops a script when a set no longer has the members for which its caller declared keys.
-- Used by: DeclaredKeysExecutor, before each script that builds keys from members
--
-- KEYS  those of the script, then every key that it will build
-- ARGV  those of the script, then the members, their number, the number of added keys, and the set's position in KEYS
-- Returns {'STALE'} when the set has changed; otherwise the script runs with its own KEYS and ARGV
--
-- Nothing runs between this comparison and the script, so the script finds the members that were declared.
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
