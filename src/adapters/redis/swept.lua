-- Forgets withdrawals after a whole scan of sweep.lua. One that came meanwhile stays, though it be of the same compositor.
--
-- KEYS[1]     withdrawn
-- ARGV[2i-1]  id of a compositor
-- ARGV[2i]    the cursor of its withdrawal when the scan began
-- reply       nothing

for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
