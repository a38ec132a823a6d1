-- The head, and what a reader has missed.
--
-- KEYS[1] log
-- ARGV[1] the reader's cursor
-- ARGV[2] how many bytes of commits to give, about
-- reply   {<head>, <commit>, ...}, the commits as JSON, oldest first; the caller checks whether the first of them
--         follows the cursor

return missedSince(KEYS[1], ARGV[1], tonumber(ARGV[2]))
