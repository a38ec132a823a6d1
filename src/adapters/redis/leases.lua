-- All leases, and the clock by which they run out, as of one instant: over two calls a deadline could seem further
-- away than its TTL.
--
-- KEYS[1] leases
-- reply   {<seconds since 1970>, <microseconds>, <member>, <deadline in ms>, <member>, ...}

local time = redis.call('TIME')
local reply = { time[1], time[2] }
for _, part in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')) do
  reply[#reply + 1] = part
end
return reply
