-- The cursor of the newest commit.
--
-- KEYS[1] log
-- reply   the cursor, 0-00000000 when there is none

return headOf(KEYS[1])
