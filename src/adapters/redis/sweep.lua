-- Removes tiles of withdrawn compositors: one step of a scan over all tiles. A tile is gone when it is older than the withdrawal of
-- its owner (domain/stored-tile.ts). Its JSON is not parsed: an id stands in it as it is, and no quote inside a string does.
--
-- KEYS[1] tiles   KEYS[2] withdrawn
-- ARGV[1] where the scan goes on, as HSCAN gave it; 0 at first
-- ARGV[2] how many tiles to look at, about
-- reply   where it goes on, 0 at the end

local tiles, withdrawn = unpack(KEYS)

-- By owner: the revision of its withdrawal, or 0.
local revisions = {}
local function withdrawalOf(owner)
  if not revisions[owner] then
    local cursor = redis.call('HGET', withdrawn, owner)
    revisions[owner] = cursor and tonumber(string.match(cursor, '^%d+')) or 0
  end
  return revisions[owner]
end

local next, entries = unpack(redis.call('HSCAN', tiles, ARGV[1], 'COUNT', ARGV[2]))
local gone = {}
for i = 1, #entries, 2 do
  local text = entries[i + 1]
  local withdrawal = withdrawalOf(string.match(text, '"compositor":"([^"]*)"') or '')
  if withdrawal > 0 and tonumber(string.match(text, ',"revision":(%d+)}$') or 0) < withdrawal then
    gone[#gone + 1] = entries[i]
  end
end
-- 1,000 fields at a time: unpack() raises from about 8,000 values on.
for i = 1, #gone, 1000 do
  redis.call('HDEL', tiles, unpack(gone, i, math.min(i + 999, #gone)))
end
return next
