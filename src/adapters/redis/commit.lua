-- Appends a batch to the log and changes the current state with it. It knows no rules: it compares and writes.
-- It writes nothing before everything that can fail was tried, and Redis refuses a script as a whole when it is
-- out of memory, read-only or not writable to its disk: so a batch is taken whole or not at all.
--
-- A withdrawn compositor loses all its tiles at once: they are older than its withdrawal, so they do not count from then on
-- (domain/stored-tile.ts), and sweep.lua removes them later.
--
-- KEYS[1] log   KEYS[2] tiles   KEYS[3] compositors   KEYS[4] leases   KEYS[5] tickets   KEYS[6] format
-- KEYS[7] withdrawn   KEYS[8] regions
--
-- ARGV[1]  the format that the batch needs, and all that the caller knows: `1 of 1 3 4`
-- ARGV[2]  the head that the caller expects
-- ARGV[3]  the caller's name
-- ARGV[4]  for how many milliseconds the caller gets a ticket, should it lose
-- ARGV[5]  the revision from which on the log is kept; 0 keeps all
-- ARGV[6]  how many bytes of missed commits to give back, about
-- ARGV[7]  how many commits, withdrawals, entries of tiles, compositors and regions to set and to remove, and leases follow:
--          `commits withdrawals tilesSet tilesRemoved compositorsSet compositorsRemoved regionsSet regionsRemoved grants drops
--          expired`, and then, in this order: commits: revision, cursor, JSON   withdrawals: id, cursor   set: field, JSON   remove: field
--          grants: member, TTL in ms   drops: member   expired: member
--
-- reply    {'taken'}
--          {'head', <head>, <commit>, ...}  the head is another; with what the caller missed, see read.lua
--          {'ticket', <ms>}                 another client has the ticket, for that long at most
--          {'lease'}                        one of the leases called expired has not run out
--          {'format', <format>}             a newer compositord keeps its data here

local log, tiles, compositors, leases, tickets, format, withdrawn, regions = unpack(KEYS)
local needed, readable = string.match(ARGV[1], '^(%d+) of (.+)$')
local counts = {}
for count in string.gmatch(ARGV[7], '%d+') do counts[#counts + 1] = tonumber(count) end
local commits, withdrawals, tilesSet, tilesRemoved, compositorsSet, compositorsRemoved, regionsSet, regionsRemoved, grants, drops,
  expired = unpack(counts)

local next = 8
-- The position of the first of `count` items of `width` arguments each, and of the last argument of them.
local function section(count, width)
  local from = next
  next = next + count * width
  return from, next - 1
end
local commitsFrom, commitsTo = section(commits, 3)
local withdrawalsFrom, withdrawalsTo = section(withdrawals, 2)
local tilesSetFrom, tilesSetTo = section(tilesSet, 2)
local tilesRemovedFrom, tilesRemovedTo = section(tilesRemoved, 1)
local compositorsSetFrom, compositorsSetTo = section(compositorsSet, 2)
local compositorsRemovedFrom, compositorsRemovedTo = section(compositorsRemoved, 1)
local regionsSetFrom, regionsSetTo = section(regionsSet, 2)
local regionsRemovedFrom, regionsRemovedTo = section(regionsRemoved, 1)
local grantsFrom, grantsTo = section(grants, 2)
local dropsFrom, dropsTo = section(drops, 1)
local expiredFrom, expiredTo = section(expired, 1)

requireRights(log, tiles, leases, format)
-- A key of the wrong type must raise here, not between two writes.
local known = redis.call('GET', format)
redis.call('ZCARD', tickets)
redis.call('HLEN', tiles)
redis.call('HLEN', compositors)
redis.call('ZCARD', leases)
redis.call('HLEN', withdrawn)
redis.call('HLEN', regions)
if known and not string.find(' ' .. readable .. ' ', ' ' .. known .. ' ', 1, true) then return { 'format', known } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

if headOf(log) ~= ARGV[2] then
  -- A loser is slower than the others, perhaps because it is further away. It gets a ticket, and those without one or
  -- with a later one wait until it has committed or its ticket is over. It keeps its ticket, however often it loses.
  redis.call('ZREMRANGEBYSCORE', tickets, '-inf', now)
  if not redis.call('ZSCORE', tickets, ARGV[3]) then
    local last = redis.call('ZRANGE', tickets, -1, -1, 'WITHSCORES')[2]
    local over = string.format('%.0f', math.max(now, tonumber(last or 0)) + ARGV[4])
    redis.call('ZADD', tickets, over, ARGV[3])
    redis.call('PEXPIREAT', tickets, over)
  end
  local missed = missedSince(log, ARGV[2], tonumber(ARGV[6]))
  table.insert(missed, 1, 'head')
  return missed
end

for i = expiredFrom, expiredTo do
  local deadline = redis.call('ZSCORE', leases, ARGV[i])
  if deadline and tonumber(deadline) > now then return { 'lease' } end
end
local first = redis.call('ZRANGEBYSCORE', tickets, '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
if commits > 0 and first[1] and first[1] ~= ARGV[3] then
  return { 'ticket', first[2] - now }
end

-- From here on nothing fails.
for i = commitsFrom, commitsTo, 3 do
  redis.call('XADD', log, ARGV[i] .. '-0', 'cursor', ARGV[i + 1], 'commit', ARGV[i + 2])
end

-- 1,000 fields at a time: unpack() raises from about 8,000 values on.
local function each(command, key, from, to, width)
  for i = from, to, 1000 * width do
    redis.call(command, key, unpack(ARGV, i, math.min(i + 1000 * width - 1, to)))
  end
end
each('HSET', withdrawn, withdrawalsFrom, withdrawalsTo, 2)
if tilesSet > 0 and redis.call('HLEN', withdrawn) > 0 then
  local revision = ',"revision":' .. ARGV[commitsTo - 2] .. '}'
  for i = tilesSetFrom + 1, tilesSetTo, 2 do ARGV[i] = string.sub(ARGV[i], 1, -2) .. revision end
end
each('HSET', tiles, tilesSetFrom, tilesSetTo, 2)
each('HDEL', tiles, tilesRemovedFrom, tilesRemovedTo, 1)
each('HSET', compositors, compositorsSetFrom, compositorsSetTo, 2)
each('HDEL', compositors, compositorsRemovedFrom, compositorsRemovedTo, 1)
each('HSET', regions, regionsSetFrom, regionsSetTo, 2)
each('HDEL', regions, regionsRemovedFrom, regionsRemovedTo, 1)

for i = grantsFrom, grantsTo, 2 do
  -- %.0f, because Lua would write 1.7e+12.
  redis.call('ZADD', leases, string.format('%.0f', now + ARGV[i + 1]), ARGV[i])
end
-- After the grants: a batch may hold a registration and its end.
each('ZREM', leases, dropsFrom, dropsTo, 1)

if ARGV[5] ~= '0' then redis.call('XTRIM', log, 'MINID', '=', ARGV[5] .. '-0') end
-- Never a lower one: what needs it may still be there.
if not known or tonumber(known) < tonumber(needed) then redis.call('SET', format, needed) end
if first[1] then redis.call('ZREM', tickets, ARGV[3]) end
return { 'taken' }
