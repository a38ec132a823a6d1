-- Gives a holder the ids that are free, renews those it holds, and forgets what has run out.
--
-- KEYS[1]     claims: id -> '<deadline in ms> <holder>'
-- ARGV[1]     the holder
-- ARGV[2]     for how many milliseconds
-- ARGV[3...]  ids
-- reply       {<id>, <holder>, <milliseconds left>, ...}: all claims as they are then

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holder, ttl = ARGV[1], tonumber(ARGV[2])
local claims, order = {}, {}
local stored = redis.call('HGETALL', KEYS[1])
for i = 1, #stored, 2 do
  local id = stored[i]
  local deadline, who = string.match(stored[i + 1], '^(%d+) (.+)$')
  deadline = tonumber(deadline)
  if not deadline or deadline <= now then
    redis.call('HDEL', KEYS[1], id)
  else
    -- The clock went back, as that of a new master may: a dead holder would keep the claim for that long.
    if deadline > now + ttl then
      deadline = now + ttl
      redis.call('HSET', KEYS[1], id, string.format('%.0f %s', deadline, who))
    end
    claims[id] = { who, deadline }
    order[#order + 1] = id
  end
end
for i = 3, #ARGV do
  local id = ARGV[i]
  local held = claims[id]
  if not held or held[1] == holder then
    redis.call('HSET', KEYS[1], id, string.format('%.0f %s', now + ttl, holder))
    claims[id] = { holder, now + ttl }
    if not held then order[#order + 1] = id end
  end
end
local reply = {}
for _, id in ipairs(order) do
  local held = claims[id]
  reply[#reply + 1] = id
  reply[#reply + 1] = held[1]
  reply[#reply + 1] = held[2] - now
end
return reply
