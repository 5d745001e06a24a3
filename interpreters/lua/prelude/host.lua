-- The host object: its areas from the table that the host sends, and calls by name. Reads nothing that a plugin can change:
-- what it uses of the standard library it took at boot.

local native = ...
local pairs, ipairs, type, select, error, tostring, rawget = pairs, ipairs, type, select, error, tostring, rawget
local concat, pack, sub, find, gsub = table.concat, table.pack, string.sub, string.find, string.gsub
local setmetatable, next = setmetatable, next
local call, null, note_missed, callable = native.call, native.null, native.note_missed, native.callable

local levels = { trace = 0, debug = 1, info = 2, warn = 3, error = 4 }

local function show(value)
  if type(value) ~= 'table' then return tostring(value) end
  local ok, text = native.try(native.encode, value)
  return ok and text or tostring(value)
end

local function logger(level)
  return function(...)
    local texts = pack(...)
    for index = 1, texts.n do texts[index] = show(texts[index]) end
    native.log(level, concat(texts, '\t', 1, texts.n))
  end
end

local function result_of(output, rule)
  if rule == 'whole' then return output end
  if rule == 'nothing' or type(output) ~= 'table' then return nil end
  if rule.unless ~= nil then
    local there = rawget(output, rule.unless)
    if not there or there == null then return nil end
  end
  local value = rawget(output, rule.field)
  if value == null then return nil end
  return value
end

local function too_many(spelled, most, given)
  local hint = given == most + 1 and '; is it called with a colon?' or ''
  error(spelled .. ' takes ' .. most .. ' arguments and got ' .. given .. hint, 4)
end

--- A method of the table: its arguments by place, then options where it has them.
local function method(row)
  local names, count, rule, name = {}, #row.positional, row.result, row.calls
  for index, field in ipairs(row.positional) do names[index] = gsub(field, '%?$', '') end
  local spelled = 'host.' .. row.area .. '.' .. row.name
  local most = row.options and count + 1 or count
  local fixed, bytes = row.fixed, row.bytes
  return callable(function(...)
    local given = select('#', ...)
    if given > most then too_many(spelled, most, given) end
    local input, values = {}, pack(...)
    local options = values[count + 1]
    if options ~= nil then
      if type(options) ~= 'table' then error('the options of ' .. spelled .. ' are a table', 3) end
      for key, value in next, options do input[key] = value end
    end
    for index = 1, count do
      if values[index] ~= nil then input[names[index]] = values[index] end
    end
    if fixed ~= nil then for key, value in next, fixed do input[key] = value end end
    if bytes ~= nil then
      for index = 1, #bytes do
        local field = bytes[index]
        if type(input[field]) == 'string' then input[field] = native.bytes(input[field]) end
      end
    end
    return result_of(call(name, input), rule)
  end)
end

local function plain(name)
  return callable(function(input) return call(name, input) end)
end

local most_attempts = 1000

--- Changes what a key holds by a function of it: again, when somebody else changed it meanwhile.
local function update(kv)
  return callable(function(key, change, options)
    if type(key) == 'table' then return call('kv.update', key) end
    local entry_options = type(options) == 'table' and { scope = rawget(options, 'scope') } or nil
    for _ = 1, most_attempts do
      local entry = kv.get_entry(key, entry_options)
      local old = nil
      if entry.found and entry.value ~= null then old = entry.value end
      local value = change(old)
      if value == nil then return old end
      if kv.set_if_version(key, value, entry.version, options).updated then return value end
    end
    error(native.make_error('kv-contended', 'kv.update: ' .. key .. ' is changed by others all the time'), 0)
  end)
end

local function frozen_pairs(of)
  return function() return next, of, nil end
end

--- Seals a table: what comes out has its members and takes no others.
local function seal(members)
  local copy = {}
  for key, value in next, members do copy[key] = value end
  return native.seal(members, frozen_pairs(copy))
end

--- An area: what it lacks is noted, for the error when that is called.
local function seal_area(name, members)
  local area = seal(members)
  setmetatable(members, { __index = function(_, key) note_missed(name, key) end })
  return area
end

function native.make_host(settings)
  local areas = { log = {} }
  for name, level in next, levels do areas.log[name] = logger(level) end
  local area_of = function(name)
    local area = areas[name] or {}
    areas[name] = area
    return area
  end
  for _, row in ipairs(settings.table) do
    if row.area ~= 'log' then area_of(row.area)[row.name] = method(row) end
  end
  if areas.kv ~= nil and areas.kv.set_if_version ~= nil then areas.kv.update = update(areas.kv) end
  local members = {}
  for _, name in ipairs(settings.functions) do
    local at = find(name, '.', 1, true)
    if at == nil then members[name] = plain(name)
    else
      local area, rest = area_of(sub(name, 1, at - 1)), sub(name, at + 1)
      if area[rest] == nil then area[rest] = plain(name) end
    end
  end
  for name, area in next, areas do members[name] = seal_area(name, area) end
  for name, member in next, native.surface do members[name] = member end
  local config
  setmetatable(members, {
    __index = function(_, key)
      if key ~= 'config' then
        note_missed('', key)
        return nil
      end
      if config == nil then config = seal(settings.hasConfig and native.config() or {}) end
      return config
    end,
  })
  return seal(members)
end
