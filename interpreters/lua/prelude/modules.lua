-- Modules: other Lua files of the plugin and the library under `bulkhead.`; nothing else can be required. And which functions
-- of a plugin are its actions.

local native = ...
local type, error, next = type, error, next
local find, gsub, match, sub = string.find, string.gsub, string.match, string.sub
local globals, compile, library = _G, native.compile, native.library

local loaded = { _G = _G, coroutine = coroutine, math = math, os = os, string = string, table = table, utf8 = utf8 }
local sources, folder = {}, ''
local loading, areas = {}, nil

local function json()
  return { encode = native.encode, decode = native.decode, null = native.null, array = native.array }
end

local function file_of(name)
  if find(name, '..', 1, true) or sub(name, 1, 1) == '/' then return nil end
  local path = gsub(name, '%.', '/')
  for _, base in next, { folder, '' } do
    for _, tail in next, { '.lua', '/init.lua' } do
      local file = base .. path .. tail
      if sources[file] ~= nil then return file end
    end
  end
end

local function load_module(name)
  local inside = match(name, '^bulkhead%.(.+)$')
  if inside == 'json' then return json() end
  if inside ~= nil then
    local run = library(name)
    if run ~= nil then return run(name) end
    -- What is computed on the host's side is an area of the host object as well.
    local area = areas[inside]
    if area == nil then error("there is no module '" .. name .. "'", 3) end
    return area
  end
  local file = file_of(name)
  if file == nil then
    error("module '" .. name .. "' not found: a plugin requires other Lua files of its folder, and 'bulkhead.…'", 3)
  end
  return compile(file, sources[file])(name, file)
end

function globals.require(name)
  if type(name) ~= 'string' then error('require takes the name of a module', 2) end
  local known = loaded[name]
  if known ~= nil then return known end
  if loading[name] then error("module '" .. name .. "' requires itself", 2) end
  loading[name] = true
  local value = load_module(name)
  loading[name] = nil
  if loaded[name] == nil then loaded[name] = value == nil and true or value end
  return loaded[name]
end
globals.package = { loaded = loaded }

local before = {}

local function actions_in(from, isOurs)
  local actions, lines = {}, {}
  for name, value in next, from do
    if type(name) == 'string' and type(value) == 'function' and not isOurs(name, value) then
      actions[name] = value
      lines[name] = { line = native.line(value) }
    end
  end
  return actions, lines
end

function native.load(settings, files)
  sources = files
  folder = match(settings.entry, '^(.*/)') or ''
  areas = native.make_host(settings)
  globals.host = areas
  for name, value in next, globals do before[name] = value end
  local run = compile(settings.entry, files[settings.entry])
  local value = run(settings.name)
  if type(value) == 'table' then return actions_in(value, function() return false end) end
  return actions_in(globals, function(name, one) return before[name] == one or sub(name, 1, 1) == '_' end)
end
