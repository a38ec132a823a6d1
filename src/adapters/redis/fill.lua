-- Moves staged keys into place, all or nothing.
--
-- KEYS[1] log   KEYS[2] format   KEYS[3] withdrawn
-- KEYS[4...]  each two: a key, and the staged one that takes its place
-- ARGV[1]     the format
-- ARGV[2]     1: whatever is there is replaced; 0: only if the log is empty
-- ARGV[3...]  for each two keys: how many entries the staged one must have
-- reply       1, 0 when the log is not empty, -1 when the staged keys have expired

local log, format, withdrawn = unpack(KEYS)
local LENGTHS = { stream = 'XLEN', hash = 'HLEN', zset = 'ZCARD' }

local known = redis.call('GET', format)
if ARGV[2] ~= '1' and headOf(log) ~= FIRST then
  return 0
end
local count = (#KEYS - 3) / 2
for i = 1, count do
  local staged = KEYS[3 + 2 * i]
  local command = LENGTHS[redis.call('TYPE', staged).ok]
  if (command and redis.call(command, staged) or 0) ~= tonumber(ARGV[2 + i]) then return -1 end
end
for i = 1, count do
  local key, staged = KEYS[2 + 2 * i], KEYS[3 + 2 * i]
  -- RENAME would free what is there at once, and Redis serve nobody meanwhile.
  redis.call('UNLINK', key)
  if tonumber(ARGV[2 + i]) > 0 then
    redis.call('PERSIST', staged)
    redis.call('RENAME', staged, key)
  end
end
-- Never a lower one: those who have the store open may not know that what needs it is gone.
if not tonumber(known) or tonumber(known) < tonumber(ARGV[1]) then redis.call('SET', format, ARGV[1]) end
-- Of a history that is gone.
redis.call('UNLINK', withdrawn)
return 1
