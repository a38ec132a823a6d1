-- Releases those of the ids that the holder holds.
--
-- KEYS[1]     claims: id -> '<deadline in ms> <holder>'
-- ARGV[1]     the holder
-- ARGV[2...]  ids
-- reply       how many

local released = 0
for i = 2, #ARGV do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if held and string.match(held, '^%d+ (.+)$') == ARGV[1] then
    released = released + redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return released
