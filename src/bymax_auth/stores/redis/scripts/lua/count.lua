-- Reads a counter: its number, 0 for none, nil when it is no number or its key holds something else.
-- Used by: the scripts whose header says "Uses: count"
--
-- Text is not left to tonumber, which takes 'nan' and ' 1': no comparison refuses the one, INCR fails half-way on the
-- other.
local function number(text)
  if type(text) == 'string' and #text < 16 and (text == '0' or string.match(text, '^[1-9]%d*$')) then
    return tonumber(text)
  end
end
local function count(key)
  return number(redis.pcall('GET', key) or '0')
end
