-- Which of the commands that scripts run the user may not run: Redis 7.0 does not say which one it refused.
--
-- KEYS[1] a key
-- reply   their names

local commands = {
  'GET', 'SET', 'TYPE', 'TIME', 'UNLINK', 'RENAME', 'PERSIST', 'PEXPIREAT', 'HGET', 'HSET', 'HDEL', 'HGETALL', 'HLEN', 'HSCAN', 'XADD',
  'XTRIM', 'XRANGE', 'XREVRANGE', 'XLEN', 'ZADD', 'ZREM', 'ZCARD', 'ZSCORE', 'ZRANGE', 'ZRANGEBYSCORE', 'ZREMRANGEBYSCORE',
}
local missing = {}
for _, command in ipairs(commands) do
  -- Whatever a command takes, these are enough to find its key.
  if not redis.acl_check_cmd(command, KEYS[1], KEYS[1], KEYS[1], KEYS[1]) then
    missing[#missing + 1] = command
  end
end
return missing
