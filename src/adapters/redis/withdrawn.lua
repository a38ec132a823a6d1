-- The withdrawals whose tiles are not swept yet.
--
-- KEYS[1] withdrawn
-- reply   {<id>, <cursor>, ...}

return redis.call('HGETALL', KEYS[1])
