-- Names the login of a live session: its family, or its own member when its record names none.
-- Used by: the scripts whose header says "Uses: login"
--
-- The pattern finds no text inside another value: there each quotation mark is escaped.
local function login(member, record)
  return type(record) == 'string' and string.match(record, '"familyId":"([^"]+)"') or member
end
