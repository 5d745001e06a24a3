-- Host calls that are under way, and tasks that make them: a plain call stops the whole interpreter, one in a task only that
-- task. Tickets stand for what will be done; the first that is done is waited for.

local native = ...
local error, type, pcall, next, setmetatable, select = error, type, pcall, next, setmetatable, select
local create, resume, yield, running, status =
  coroutine.create, coroutine.resume, coroutine.yield, coroutine.running, coroutine.status
local pack, unpack = table.pack, table.unpack
local send, timer, stop_timer, arrive, box = native.send, native.timer, native.stop_timer, native.next, native.box
local note_place = native.note_place

-- What a ticket stands for: { done, ok, value, id }. Kept apart from the ticket, which a plugin holds.
local states = setmetatable({}, { __mode = 'k' })
-- What a task yields that waits; no plugin can yield it.
local parked = native.seal({}, nil)
-- Tasks are held until they end, or the call does: by weak keys, a chain of tasks that wait for each other would take the
-- collector a time that grows with its square.
local by_id, tasks, ready
local first, last

local function reset()
  by_id, tasks, ready = {}, {}, {}
  first, last = 1, 0
end
reset()

--- What a call left behind is dropped before the next; most leave nothing.
function native.begin()
  if last > 0 or next(by_id) ~= nil or next(tasks) ~= nil then reset() end
end

local function make(state)
  local ticket = native.seal({}, nil)
  states[ticket] = state
  return ticket
end

local function state_of(ticket)
  local state = states[ticket]
  if state == nil then error('not a ticket: host.start, host.timer and host.spawn give them', 3) end
  return state
end

local function wake(co)
  last = last + 1
  ready[last] = co
end

local function settle(state, ok, value)
  if state.done then return end
  state.done, state.ok, state.value = true, ok, value
  if state.id ~= nil then by_id[state.id] = nil end
  local waiting = state.waiting
  state.waiting = nil
  if waiting ~= nil then for index = 1, #waiting do wake(waiting[index]) end end
end

local function finish_task(state, ok, ...) settle(state, ok, (...)) end

local function run_ready()
  while first <= last do
    local co = ready[first]
    ready[first] = nil
    first = first + 1
    local state = tasks[co]
    if state ~= nil and status(co) == 'suspended' then
      local arguments = state.arguments
      state.arguments = nil
      local outcome
      if arguments ~= nil then outcome = pack(resume(co, unpack(arguments, 1, arguments.n)))
      else outcome = pack(resume(co)) end
      if status(co) == 'dead' then
        tasks[co] = nil
        finish_task(state, outcome[1], outcome[2])
      elseif outcome[2] ~= parked then
        -- It yielded of its own accord: others have their turn.
        wake(co)
      end
    end
  end
end

local function first_done(given, count)
  for index = 1, count do
    local state = given[index]
    if state.done then return index end
  end
end

-- Lets others run, and waits for the host when nobody can and none of these is done. Outside of tasks only.
local function turn(given, count)
  if first <= last then return run_ready() end
  -- Making the box may run a finalizer, which may have taken what is waited for.
  local into = box()
  if first_done(given, count) or first <= last then return end
  local id, ok, value = arrive(into)
  if id == false then error('the plugin waits for something that will never be done', 0) end
  local state = by_id[id]
  if state ~= nil then settle(state, ok, value) end
end

local function wait_for(given, count)
  local co, isMain = running()
  local isTask = not isMain and tasks[co] ~= nil
  local at = first_done(given, count)
  while at == nil do
    if isTask then
      for index = 1, count do
        local waiting = given[index].waiting or {}
        given[index].waiting = waiting
        waiting[#waiting + 1] = co
      end
      yield(parked)
    else
      turn(given, count)
    end
    at = first_done(given, count)
  end
  return at
end

local function call_ticket(name, input)
  local state = { id = send(name, input) }
  by_id[state.id] = state
  return state
end

local function await(state)
  if not state.done then wait_for({ state }, 1) end
  if not state.ok then
    note_place(state.value)
    error(state.value, 0)
  end
  return state.value
end

function native.call(name, input) return await(call_ticket(name, input)) end

local surface = { null = native.null, array = native.array }
native.surface = surface

surface.call = native.callable(function(name, input)
  if type(name) ~= 'string' then error('host.call takes the name of a host function', 3) end
  return native.call(name, input)
end)

function surface.sleep(ms)
  local state = { id = timer(ms) }
  by_id[state.id] = state
  await(state)
end

function surface.start(name, input)
  if type(name) ~= 'string' then error('host.start takes the name of a host function', 2) end
  return make(call_ticket(name, input))
end

function surface.timer(ms)
  local state = { id = timer(ms), isTimer = true }
  by_id[state.id] = state
  return make(state)
end

function surface.spawn(run, ...)
  if type(run) ~= 'function' then error('host.spawn takes a function', 2) end
  local co = create(run)
  local state = { arguments = pack(...) }
  tasks[co] = state
  state.co = co
  wake(co)
  return make(state)
end

--- Gives a ticket up: a timer stops, an answer that comes is dropped, a task is not run on.
function surface.drop(ticket)
  local state = state_of(ticket)
  if state.done then return end
  if state.isTimer then stop_timer(state.id) end
  if state.co ~= nil then tasks[state.co] = nil end
  settle(state, false, 'the ticket was dropped')
end

--- Waits for the first of some tickets that is done: that ticket, whether it went well, and its value or its error.
function surface.wait(...)
  local tickets, states_given, count = pack(...), {}, select('#', ...)
  if count == 0 then error('host.wait takes tickets', 2) end
  for index = 1, count do states_given[index] = state_of(tickets[index]) end
  local at = wait_for(states_given, count)
  local state = states_given[at]
  return tickets[at], state.ok, state.value
end

--- Makes several host calls at once: answers in their order; the first failure is raised once all have come.
surface.all = native.callable(function(calls)
  local given, answers = {}, native.array({})
  for index = 1, #calls do given[index] = call_ticket(calls[index][1], calls[index][2]) end
  local failed
  for index = 1, #given do
    local state = given[index]
    if not state.done then wait_for({ state }, 1) end
    if not state.ok and failed == nil then failed = state end
    answers[index] = state.value == nil and native.null or state.value
  end
  if failed ~= nil then
    note_place(failed.value)
    error(failed.value, 0)
  end
  return answers
end)

function native.try(run, ...) return pcall(run, ...) end
