-- What a state machine is: its states, and the events that lead from one to another. All of it is checked before it runs.

local ipairs, next, tostring, type = ipairs, next, tostring, type
local concat, sort = table.concat, table.sort
local failure, lists = require 'bulkhead.failure', require 'bulkhead.lists'

local function is_callable(value) return value == nil or type(value) == 'function' end

--- The machine in one shape: every event of a state leads to a list of transitions. Raises `machine.invalid` with all faults.
return function(definition)
  if type(definition) ~= 'table' or type(definition.states) ~= 'table' then
    failure.raise('machine.invalid', 'machine : states is missing', { 'states is missing' })
  end
  local id, initial, states = definition.id, definition.initial, definition.states
  local faults = {}
  local function fault(text) faults[#faults + 1] = text end
  local function check_callback(callback, what)
    if not is_callable(callback) then fault(what .. ' must be a function') end
  end
  local function check_choice(choice, where)
    local list = (type(choice) == 'table' and choice.target == nil and lists.is_list(choice)) and choice or { choice }
    if #list == 0 then fault(where .. ' leads nowhere') end
    local ways = {}
    for index, one in ipairs(list) do
      local way = type(one) == 'string' and { target = one } or one
      if type(way) ~= 'table' or type(way.target) ~= 'string' then
        fault(where .. ' has no target')
      else
        if states[way.target] == nil then fault(where .. ' leads to no state: ' .. way.target) end
        check_callback(way.guard, 'guard of ' .. where)
        check_callback(way.action, 'action of ' .. where)
      end
      ways[index] = way
    end
    return ways
  end

  if type(id) ~= 'string' or id == '' then fault('id must be a name') end
  if definition.context ~= nil and type(definition.context) ~= 'table' then fault('context must be an object') end
  if type(initial) ~= 'string' or states[initial] == nil then
    fault('initial names no state: ' .. tostring(initial == nil and 'undefined' or initial))
  end
  check_callback(definition.transition, 'transition')
  local events, checked = {}, {}
  for name, state in next, states do
    if type(state) ~= 'table' then
      fault('state ' .. tostring(name) .. ' must be an object')
    else
      check_callback(state.entry, 'entry of ' .. name)
      check_callback(state.exit, 'exit of ' .. name)
      local on = {}
      for event, choice in next, state.on or {} do
        events[event] = true
        on[event] = check_choice(choice, event .. ' of ' .. name)
      end
      if state.final and next(on) ~= nil then fault('state ' .. name .. ' is final and has events') end
      checked[name] = { on = on, entry = state.entry, exit = state.exit, final = state.final == true }
    end
  end
  if #faults > 0 then
    sort(faults)
    failure.raise('machine.invalid', 'machine ' .. tostring(id) .. ': ' .. concat(faults, '; '), faults)
  end
  return {
    id = id,
    initial = initial,
    context = definition.context or {},
    states = checked,
    events = events,
    transition = definition.transition,
  }
end
