-- Returns what was revoked since a reader's last entry, or the whole stream.
-- Called by: Feed.refresh
--
-- KEYS  1 stream  2 absent_key (never exists)
-- ARGV  1 last_id (the reader's last entry, or '')  2 last_nonce  3 max_entries  4 horizon_ms
--       5 begin_nonce (for an entry that begins the stream)
-- Returns {'NEXT', now in ms, entries after the last one} | {'ALL', now, every entry} | {'FULL', now, {}}
--
-- Only when the last entry is still there, with its nonce, is it certain that no entry after it is missing.  Every run
-- tries a write, which a replica refuses, so that its reader looks for the master.  Most runs try one that changes
-- nothing: any other would be persisted and replicated several times a second.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('XLEN', KEYS[1]) == 0 then
  redis.call('XADD', KEYS[1], '*', 'k', 'begin', 'v', '', 'x', '0', 'n', ARGV[5], 'h', '0')
end
if redis.call('PTTL', KEYS[1]) < ARGV[4] * 1.5 then
  redis.call('PEXPIRE', KEYS[1], ARGV[4] * 2)
else
  redis.call('DEL', KEYS[2])
end
if redis.call('XLEN', KEYS[1]) > tonumber(ARGV[3]) then
  return {'FULL', now, {}}
end
if ARGV[1] ~= '' then
  local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+')
  if entries[1] and entries[1][1] == ARGV[1] and entries[1][2][8] == ARGV[2] then
    table.remove(entries, 1)
    return {'NEXT', now, entries}
  end
end
return {'ALL', now, redis.call('XRANGE', KEYS[1], '-', '+')}
