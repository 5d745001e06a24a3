-- State machines: one state at a time, and a context. A callback that raises an error leaves a machine as it was.

local ipairs, setmetatable, tostring, type = ipairs, setmetatable, tostring, type
local concat, remove = table.concat, table.remove
local host = host
local check = require 'bulkhead.machine_check'
local diagram, failure = require 'bulkhead.diagram', require 'bulkhead.failure'
local kept, lists = require 'bulkhead.kept', require 'bulkhead.lists'

--- Changes that are remembered, and how often an event begins again because another writer came first.
local history_length, most_attempts = 100, 100

local Machine = {}
Machine.__index = Machine

local definitions = setmetatable({}, { __mode = 'k' })

local function misfit(definition, what)
  failure.raise('machine.invalid', 'machine ' .. definition.id .. ': ' .. what)
end

local function run(callback, context, event)
  if callback ~= nil then callback(context, event) end
end

local function start(definition, saved)
  local machine = setmetatable({}, Machine)
  definitions[machine] = definition
  if saved == nil then
    machine.state, machine.context, machine.history = definition.initial, lists.copy(definition.context), host.array {}
    local initial = definition.initial
    run(definition.states[initial].entry, machine.context, { name = 'start', from = initial, to = initial })
  else
    if type(saved) ~= 'table' then saved = {} end
    if saved.machine ~= nil and saved.machine ~= definition.id then
      misfit(definition, 'it was saved by machine ' .. tostring(saved.machine))
    end
    if definition.states[saved.state] == nil then
      misfit(definition, 'it was saved in no state of it: ' .. tostring(saved.state == nil and 'undefined' or saved.state))
    end
    machine.state, machine.context = saved.state, lists.copy(saved.context or {})
    machine.history = lists.copy(saved.history or host.array {})
  end
  machine.done = definition.states[machine.state].final
  return machine
end

--- The transition that an event takes now, or nil and why there is none.
local function choose(machine, name, data)
  local definition = definitions[machine]
  if definition.events[name] == nil then
    failure.raise('machine.unknown-event', 'machine ' .. definition.id .. ': no state knows the event ' .. tostring(name))
  end
  local state = definition.states[machine.state]
  if state.final then return nil, 'final' end
  local ways = state.on[name]
  if ways == nil then return nil, 'no-transition' end
  for _, way in ipairs(ways) do
    if way.guard == nil then return way end
    -- A guard looks and changes nothing.
    local event = { name = name, data = data, from = machine.state, to = way.target }
    if way.guard(lists.copy(machine.context), event) == true then return way end
  end
  return nil, 'guard'
end

--- Whether the event would change the state now.
function Machine:can(name, data) return choose(self, name, data) ~= nil end

--- Takes the first transition whose guard agrees: exit, action, entry, and what runs after every change.
function Machine:send(name, data)
  local way, reason = choose(self, name, data)
  if way == nil then return { changed = false, state = self.state, reason = reason } end
  local definition = definitions[self]
  local event = { name = name, data = data, from = self.state, to = way.target }
  local context = lists.copy(self.context)
  run(definition.states[event.from].exit, context, event)
  run(way.action, context, event)
  run(definition.states[event.to].entry, context, event)
  run(definition.transition, context, event)
  self.context, self.state, self.done = context, event.to, definition.states[event.to].final
  local history = lists.copy(self.history)
  history[#history + 1] = { event = name, from = event.from, to = event.to }
  if #history > history_length then remove(history, 1) end
  self.history = history
  return { changed = true, state = self.state }
end

--- All of it as plain data, to be started from again.
function Machine:save()
  return {
    machine = definitions[self].id,
    state = self.state,
    context = lists.copy(self.context),
    history = lists.copy(self.history),
  }
end

local function lay_out(definition)
  local names, ids, arrows = { definition.initial }, {}, {}
  for _, name in ipairs(lists.sorted_keys(definition.states)) do
    if name ~= definition.initial then names[#names + 1] = name end
  end
  for index, name in ipairs(names) do ids[name] = 's' .. index - 1 end
  for _, name in ipairs(names) do
    local on = definition.states[name].on
    for _, event in ipairs(lists.sorted_keys(on)) do
      for _, way in ipairs(on[event]) do
        local label = way.guard == nil and event or event .. ' [guarded]'
        arrows[#arrows + 1] = { from = ids[name], to = ids[way.target], label = label }
      end
    end
  end
  return names, ids, arrows
end

local function to_dot(definition)
  local names, ids, arrows = lay_out(definition)
  local quote = diagram.quote_for_dot
  local lines = { 'digraph ' .. quote(definition.id) .. ' {', '  rankdir=LR;', '  start [shape=point];' }
  for _, name in ipairs(names) do
    local shape = definition.states[name].final and 'doublecircle' or 'box'
    lines[#lines + 1] = '  ' .. ids[name] .. ' [label=' .. quote(name) .. ', shape=' .. shape .. ', style=rounded];'
  end
  lines[#lines + 1] = '  start -> s0;'
  for _, arrow in ipairs(arrows) do
    lines[#lines + 1] = '  ' .. arrow.from .. ' -> ' .. arrow.to .. ' [label=' .. quote(arrow.label) .. '];'
  end
  lines[#lines + 1] = '}\n'
  return concat(lines, '\n')
end

local function to_mermaid(definition)
  local names, ids, arrows = lay_out(definition)
  local escape = diagram.escape_for_mermaid
  local lines = { 'stateDiagram-v2' }
  for _, name in ipairs(names) do lines[#lines + 1] = '  state "' .. escape(name) .. '" as ' .. ids[name] end
  lines[#lines + 1] = '  [*] --> s0'
  for _, arrow in ipairs(arrows) do
    lines[#lines + 1] = '  ' .. arrow.from .. ' --> ' .. arrow.to .. ' : ' .. escape(arrow.label)
  end
  for _, name in ipairs(names) do
    if definition.states[name].final then lines[#lines + 1] = '  ' .. ids[name] .. ' --> [*]' end
  end
  return concat(lines, '\n') .. '\n'
end

--- A machine that lives in the host's store. Each event reads it, changes it and writes it if nobody else did meanwhile; else it
--- begins again, so that no change is lost. Its callbacks may therefore run more than once for one event.
local function persisted(definition, key, options)
  local scope = options ~= nil and options.scope or nil
  local machine = {}
  --- The machine as it is now; changing it changes nothing that is kept.
  function machine.read(_) return start(definition, (kept.read(key, scope))) end
  function machine.can(self, name, data) return self:read():can(name, data) end
  function machine.send(_, name, data)
    for _ = 1, most_attempts do
      local saved, version = kept.read(key, scope)
      local now = start(definition, saved)
      local result = now:send(name, data)
      if not result.changed and saved ~= nil then return result end
      if kept.write(key, now:save(), version, scope) ~= nil then return result end
    end
    failure.raise('machine.conflict', 'machine ' .. definition.id .. ': others changed ' .. key .. ' again and again')
  end
  return machine
end

local machine = {}

--- Checks a machine: `machine.define { id = …, initial = …, context = …, states = { … } }`.
function machine.define(definition)
  local checked = check(definition)
  return {
    id = checked.id,
    start = function(_, saved) return start(checked, saved) end,
    persisted = function(_, key, options) return persisted(checked, key, options) end,
    to_dot = function() return to_dot(checked) end,
    to_mermaid = function() return to_mermaid(checked) end,
  }
end

--- The same as `machine.define(definition):persisted(key, options)`.
function machine.persisted(definition, key, options)
  return persisted(check(definition), key, options)
end

return machine
