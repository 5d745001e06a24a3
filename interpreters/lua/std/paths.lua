-- Paths as POSIX has them: text in, text out; nothing here looks at a disk.

local ipairs, select = ipairs, select
local gmatch, sub = string.gmatch, string.sub
local concat = table.concat

local function parts_of(path)
  local parts = {}
  for part in gmatch(path, '[^/]+') do
    if part ~= '.' then parts[#parts + 1] = part end
  end
  return parts
end

local paths = {}

function paths.is_absolute(path) return sub(path, 1, 1) == '/' end

--- Without `.`, `..` and double slashes as far as that can be told; `.` for nothing.
function paths.normalise(path)
  local kept, is_absolute = {}, paths.is_absolute(path)
  for _, part in ipairs(parts_of(path)) do
    if part ~= '..' then
      kept[#kept + 1] = part
    elseif #kept > 0 and kept[#kept] ~= '..' then
      kept[#kept] = nil
    elseif not is_absolute then
      -- Above the root is the root.
      kept[#kept + 1] = part
    end
  end
  local joined = concat(kept, '/')
  if is_absolute then return '/' .. joined end
  return joined == '' and '.' or joined
end

--- Joins parts and normalises; empty parts are passed over, and an absolute part does not begin anew.
function paths.join(...)
  local parts = {}
  for index = 1, select('#', ...) do
    local part = select(index, ...)
    if part ~= '' then parts[#parts + 1] = part end
  end
  return paths.normalise(concat(parts, '/'))
end

local function without_slashes(path)
  local last = #path
  while last > 0 and sub(path, last, last) == '/' do last = last - 1 end
  return sub(path, 1, last)
end

local function last_of(text, character)
  local at = #text
  while at > 0 and sub(text, at, at) ~= character do at = at - 1 end
  return at
end

--- What leads to the last part; `.` when nothing does.
function paths.dirname(path)
  local trimmed = without_slashes(path)
  if trimmed == '' then return paths.is_absolute(path) and '/' or '.' end
  local slash = last_of(trimmed, '/')
  if slash == 0 then return '.' end
  local folder = without_slashes(sub(trimmed, 1, slash - 1))
  return folder == '' and '/' or folder
end

--- The last part, without `ending` where it has it.
function paths.basename(path, ending)
  local trimmed = without_slashes(path)
  local name = sub(trimmed, last_of(trimmed, '/') + 1)
  if ending ~= nil and ending ~= '' and name ~= ending and sub(name, -#ending) == ending then
    return sub(name, 1, -#ending - 1)
  end
  return name
end

--- From the last dot of the last part; nothing for a name that begins with its only dot.
function paths.extension(path)
  local name = paths.basename(path)
  local dot = last_of(name, '.')
  if dot <= 1 or name == '..' then return '' end
  return sub(name, dot)
end

--- How to get from one folder to a path; both absolute, or both from one place.
function paths.relative(from, to)
  local start, goal = parts_of(paths.normalise(from)), parts_of(paths.normalise(to))
  local same, steps = 0, {}
  while same < #start and same < #goal and start[same + 1] == goal[same + 1] do same = same + 1 end
  for _ = same + 1, #start do steps[#steps + 1] = '..' end
  for index = same + 1, #goal do steps[#steps + 1] = goal[index] end
  return #steps == 0 and '.' or concat(steps, '/')
end

return paths
