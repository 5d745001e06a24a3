---@meta bulkhead.paths

-- The module `bulkhead.paths` for the Lua language server; it is never run.

---Paths as POSIX has them: text in, text out; nothing here looks at a disk.
---@class bulkhead.paths
local paths = {}

---Whether it begins at the root.
---@param path string
---@return boolean
function paths.is_absolute(path) end

---Without `.`, `..` and double slashes as far as that can be told; `.` for nothing.
---@param path string
---@return string
function paths.normalise(path) end

---Joins parts and normalises; empty parts are passed over, and an absolute part does not begin anew.
---@param ... string
---@return string
function paths.join(...) end

---What leads to the last part; `.` when nothing does.
---@param path string
---@return string
function paths.dirname(path) end

---The last part, without `ending` where it has it.
---@param path string
---@param ending? string
---@return string
function paths.basename(path, ending) end

---From the last dot of the last part; nothing for a name that begins with its only dot.
---@param path string
---@return string
function paths.extension(path) end

---How to get from one folder to a path; both absolute, or both from one place.
---@param from string
---@param to string
---@return string
function paths.relative(from, to) end

return paths
