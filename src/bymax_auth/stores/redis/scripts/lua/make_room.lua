-- Lets a script write although the memory of Redis is full (maxmemory with noeviction).
-- Used by: the scripts whose header says "Uses: make_room"
--
-- A script is refused at its first write when that write may need memory.  PEXPIRE needs none, and what follows a
-- write is not refused, because a script that has begun to write must end.  So this is called before any other write.
-- It leaves the lifetime as it is, and skips a key that has none: the stores write no such key.
-- Source: redis.io, "Scripting with Lua", and the command flag denyoom.
local function make_room(key)
  local left = redis.call('PTTL', key)
  if left ~= -1 then
    redis.call('PEXPIRE', key, math.max(left, 1))
  end
end
