-- Changes nothing. Redis refuses it for the same reasons for which it would refuse commit.lua: full, a replica, unable to save, ...
--
-- KEYS[1] log   KEYS[2] tiles   KEYS[3] leases   KEYS[4] format
-- reply   1; raises NOPERM when the user lacks a right that a commit needs

requireRights(KEYS[1], KEYS[2], KEYS[3], KEYS[4])
return 1
