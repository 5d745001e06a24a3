---@meta bulkhead.json

-- The module `bulkhead.json` for the Lua language server; it is never run.

---JSON as text and as values.
---@class bulkhead.json
---@field null lightuserdata What stands for null inside of tables; the same as `host.null`.
local json = {}

---@param value any
---@return string
function json.encode(value) end

---@param text string
---@return any
function json.decode(text) end

---Marks a table as a list; the same as `host.array`.
---@generic T
---@param list T[]
---@return T[]
function json.array(list) end

return json
