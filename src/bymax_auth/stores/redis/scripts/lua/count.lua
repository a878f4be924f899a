-- Reads a counter: its number, 0 when there is none, nil when it is not a number or its key has another type.
-- Used by: the scripts whose header says "Uses: count"
--
-- The text is matched first, because tonumber accepts 'nan' and ' 1': no comparison refuses the first, and INCR fails
-- on the second after the script has begun to write.
local function number(text)
  if type(text) == 'string' and #text < 16 and (text == '0' or string.match(text, '^[1-9]%d*$')) then
    return tonumber(text)
  end
end
local function count(key)
  return number(redis.pcall('GET', key) or '0')
end
