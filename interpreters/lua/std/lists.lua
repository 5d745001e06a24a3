-- What is done with lists and tables all over the library.

local ipairs, next, type = ipairs, next, type
local sort = table.sort
local json = require 'bulkhead.json'

local lists = {}

--- A copy of JSON data.
function lists.copy(value)
  if type(value) ~= 'table' then return value end
  return json.decode(json.encode(value))
end

--- The keys of a table that are text, in the order of their bytes.
function lists.sorted_keys(of)
  local keys = {}
  for key in next, of do
    if type(key) == 'string' then keys[#keys + 1] = key end
  end
  sort(keys)
  return keys
end

--- Whether a table is a list: it has a first member, or none at all.
function lists.is_list(value)
  return type(value) == 'table' and (value[1] ~= nil or next(value) == nil)
end

function lists.contains(list, wanted)
  for _, member in ipairs(list) do
    if member == wanted then return true end
  end
  return false
end

return lists
