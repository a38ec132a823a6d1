-- Moves staged keys into place if the log is empty, all or nothing.
--
-- KEYS[1..3] log, tiles, compositors
-- KEYS[4..6] the same, staged
-- KEYS[7..8] format, withdrawn
-- ARGV[1..3] how many entries each of the staged keys must have
-- ARGV[4]    the format
-- reply      1, 0 when the log is not empty, -1 when the staged keys have expired

if headOf(KEYS[1]) ~= FIRST then
  return 0
end
if redis.call('XLEN', KEYS[4]) ~= tonumber(ARGV[1])
  or redis.call('HLEN', KEYS[5]) ~= tonumber(ARGV[2])
  or redis.call('HLEN', KEYS[6]) ~= tonumber(ARGV[3]) then
  return -1
end
for i = 1, 3 do
  if tonumber(ARGV[i]) > 0 then
    redis.call('PERSIST', KEYS[i + 3])
    redis.call('RENAME', KEYS[i + 3], KEYS[i])
  else
    redis.call('DEL', KEYS[i])
  end
end
redis.call('SET', KEYS[7], ARGV[4])
-- Of a history that is gone.
redis.call('DEL', KEYS[8])
return 1
