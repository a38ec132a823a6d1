-- Functions that read the log; scripts.ts puts them before every script.
-- An entry of the log: {'<revision>-0', {'cursor', <cursor>, 'commit', <the commit as JSON>}}.

local FIRST = '0-00000000'

-- Raises for an entry that was not written by compositord, else its commit would be served to every reader.
local function checked(entry)
  local fields = entry[2]
  if #fields ~= 4 or fields[1] ~= 'cursor' or fields[3] ~= 'commit'
    or entry[1] ~= (string.match(fields[2], '^%d+') or '') .. '-0' then
    error({ err = 'DAMAGED the entry ' .. entry[1] .. ' of its log was not written by compositord' })
  end
  return fields
end

local function headOf(log)
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  return last and checked(last)[2] or FIRST
end

-- {<head>, <commit>, ...}: the commits after `cursor`, oldest first, about `bytes` of them.
local function missedSince(log, cursor, bytes)
  local reply = { headOf(log) }
  local from = '(' .. string.match(cursor, '^%d+') .. '-0'
  local size = 0
  if reply[1] == cursor then return reply end
  while size < bytes and #reply <= 1000 do
    local step = redis.call('XRANGE', log, from, '+', 'COUNT', 8)
    for _, entry in ipairs(step) do
      local commit = checked(entry)[4]
      reply[#reply + 1] = commit
      size = size + #commit
      from = '(' .. entry[1]
    end
    if #step < 8 then break end
  end
  return reply
end

-- Raises when the user who runs this lacks a right that a commit needs: Redis checks each command only when its turn comes, and what was
-- written before stays.
local function requireRights(log, tiles, leases, format)
  local needed = {
    { 'XADD', log, '1-0', 'cursor', '', 'commit', '' },
    { 'XTRIM', log, 'MINID', '=', '0-0' },
    { 'HSET', tiles, '', '' },
    { 'HDEL', tiles, '' },
    { 'ZADD', leases, '0', '' },
    { 'ZREM', leases, '' },
    { 'SET', format, '1' },
  }
  for _, command in ipairs(needed) do
    if not redis.acl_check_cmd(unpack(command)) then
      error({ err = 'NOPERM the user of this connection may not run ' .. command[1] .. ' on ' .. command[2] })
    end
  end
end
