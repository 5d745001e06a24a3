--[[ ---
name: data-processing
version: 1.0.0
type: tool
description: Reads a CSV file, computes statistics of its columns, by group if wanted, and writes a note with the table.
permissions:
  filesystem:
    read:
      - path: ./
        reason: the CSV file that it is told
  notes: [read, write]
--- ]]

-- Use: measurements lie in the vault as CSV, and a note should say what is in them. `summarise` gives the figures; `report` writes
-- the note, as a dry run unless told otherwise.

local host = host
local array = host.array

---@class Figures
---@field count integer
---@field mean number
---@field deviation number of a sample
---@field least number
---@field median number
---@field most number

local function _round(value) return math.floor(value * 100 + 0.5) / 100 end

local function _figures(values)
  table.sort(values)
  local count, sum, squares = #values, 0, 0
  for _, value in ipairs(values) do sum = sum + value end
  local mean = sum / count
  for _, value in ipairs(values) do squares = squares + (value - mean) ^ 2 end
  local middle = (values[(count + 1) // 2] + values[count // 2 + 1]) / 2
  return {
    count = count,
    mean = _round(mean),
    deviation = count > 1 and _round(math.sqrt(squares / (count - 1))) or 0,
    least = values[1],
    median = _round(middle),
    most = values[count],
  }
end

-- A column counts as numbers when all that stands in it are numbers.
local function _numbers(rows, column)
  local values = {}
  for _, row in ipairs(rows) do
    local text = row[column]
    if type(text) == 'string' and text:find('%S') then
      local number = tonumber(text)
      if number == nil then return nil end
      values[#values + 1] = number
    end
  end
  return #values > 0 and values or nil
end

local function _columns_of(text) return host.csv.parse(text, { header = false })[1] or {} end

local function _groups(rows, by)
  local groups, names = {}, {}
  for _, row in ipairs(rows) do
    local name = by == nil and 'all' or row[by]
    if groups[name] == nil then
      groups[name] = {}
      names[#names + 1] = name
    end
    table.insert(groups[name], row)
  end
  table.sort(names)
  return groups, names
end

local function _summarise(path, by)
  local text = host.fs.read_text(path)
  local columns, rows = _columns_of(text), host.csv.parse(text, { header = true })
  if by ~= nil then
    local there = false
    for _, column in ipairs(columns) do there = there or column == by end
    if not there then error(('%s has no column %s, but: %s'):format(path, by, table.concat(columns, ', ')), 0) end
  end
  local groups, names = _groups(rows, by)
  local summary = array {}
  for _, name in ipairs(names) do
    for _, column in ipairs(columns) do
      local values = column ~= by and _numbers(groups[name], column)
      if values then summary[#summary + 1] = { group = name, column = column, figures = _figures(values) } end
    end
  end
  return { file = path, rows = #rows, columns = array(columns), summary = summary }
end

---Statistics of the columns that hold numbers.
---@param path string the CSV file, relative to the working folder; its first line names the columns
---@param by? string a column to group by
---@risk read-only
function summarise(path, by) return _summarise(path, by) end

local function _table(found, by)
  local lines = {
    '| ' .. (by or 'group') .. ' | column | count | mean | deviation | least | median | most |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  }
  for _, one in ipairs(found.summary) do
    local f = one.figures
    lines[#lines + 1] = ('| %s | %s | %d | %.2f | %.2f | %s | %.2f | %s |'):format(
      one.group:gsub('|', '\\|'), one.column:gsub('|', '\\|'), f.count, f.mean, f.deviation, f.least, f.median, f.most
    )
  end
  return table.concat(lines, '\n')
end

-- A diff as a list of lines, which reads well as JSON.
local function _lines_of(diff)
  local lines = array {}
  for line in (diff or ''):gmatch('[^\n]+') do lines[#lines + 1] = line end
  return lines
end

---Writes the statistics into a note. A dry run unless `write` is true.
---@param path string the CSV file
---@param note string the note to write
---@param by? string a column to group by
---@param write? boolean
---@risk write
function report(path, note, by, write)
  local found = _summarise(path, by)
  local content = ('---\ntags: [report]\nsource: %s\nrows: %d\n---\n# Figures of %s\n\n%s\n'):format(
    host.yaml.format(path):gsub('%s+$', ''), found.rows, path:match('[^/]+$'), _table(found, by)
  )
  local answer = host.notes.write(note, content, { dryRun = not write, diff = true })
  return { written = write == true, note = note, diff = _lines_of(answer.diff) }
end
