-- Brings a part of what a large batch staged into the hash of tiles. No other batch is taken before all of it is there.
--
-- KEYS[1] tiles   KEYS[2] pending   KEYS[3] parts
-- ARGV[1] how many times 1,000 tiles
-- reply   1 when there is more to do, else 0

local tiles, pending, parts = unpack(KEYS)
local id = redis.call('GET', pending)
if not id then return 0 end
redis.call('HLEN', tiles)
for _ = 1, tonumber(ARGV[1]) do
  local removed = redis.call('LPOP', parts .. ':' .. id .. ':removed', 1000)
  if removed then
    redis.call('HDEL', tiles, unpack(removed))
  else
    local set = redis.call('LPOP', parts .. ':' .. id .. ':set', 2000)
    if not set then
      redis.call('DEL', pending)
      return 0
    end
    redis.call('HSET', tiles, unpack(set))
  end
end
return 1
