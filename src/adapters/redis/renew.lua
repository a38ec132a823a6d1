-- Moves deadlines to a TTL from now, where there is such a lease.
--
-- KEYS[1]     leases
-- ARGV[2i-1]  a member, id:generation
-- ARGV[2i]    its TTL in milliseconds
-- reply       a 1 or 0 for each

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local reply = {}
for i = 1, #ARGV, 2 do
  local held = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if held then redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[i + 1]), ARGV[i]) end
  reply[#reply + 1] = held and 1 or 0
end
return reply
