-- Runs one case of the standard library in Lua: makes functions of the case's words, and says what came of it.

local machine, workflow = require 'bulkhead.machine', require 'bulkhead.workflow'
local areas = {
  csv = require 'bulkhead.csv',
  graph = require 'bulkhead.graph',
  paths = require 'bulkhead.paths',
  regex = require 'bulkhead.regex',
  text = require 'bulkhead.text',
  time = require 'bulkhead.time',
  yaml = require 'bulkhead.yaml',
}

local function tell(thrown)
  if type(thrown) ~= 'table' then return { error = { message = tostring(thrown) } } end
  return { error = { code = thrown.code, message = thrown.message } }
end

local function fail(message) error({ code = 'test', message = message }, 0) end

local function list(of) return host.array(of or {}) end

local function make_callback(words, log)
  if words == nil then return nil end
  return function(context, event)
    if words.add then context[words.add[1]] = context[words.add[1]] + words.add[2] end
    if words.log then log[#log + 1] = ('%s %s %s>%s'):format(words.log, event.name, event.from, event.to) end
    if words.fail then fail(words.fail) end
  end
end

local function make_guard(words)
  if words == nil then return nil end
  return function(context, event)
    if words.least then return context[words.least[1]] >= words.least[2] end
    return event.data == words.data
  end
end

local function make_way(way, log)
  if type(way) == 'string' then return way end
  return { target = way.target, guard = make_guard(way.guard), action = make_callback(way.action, log) }
end

local function make_state(state, log)
  local on = {}
  for event, choice in pairs(state.on or {}) do
    if type(choice) == 'table' and choice.target == nil then
      on[event] = {}
      for index, way in ipairs(choice) do on[event][index] = make_way(way, log) end
    else
      on[event] = make_way(choice, log)
    end
  end
  return { on = on, entry = make_callback(state.entry, log), exit = make_callback(state.exit, log), final = state.final }
end

local function run_machine(case)
  local log, states = list(), nil
  if case.definition.states ~= nil then
    states = {}
    for name, state in pairs(case.definition.states) do states[name] = make_state(state, log) end
  end
  local defined = machine.define {
    id = case.definition.id,
    initial = case.definition.initial,
    context = case.definition.context,
    transition = make_callback(case.definition.transition, log),
    states = states,
  }
  local running = defined:start()
  local function step(one)
    if one.kept ~= nil then return defined:persisted(one.kept):send(one.send, one.data) end
    if one.send ~= nil then return running:send(one.send, one.data) end
    if one.can ~= nil then return running:can(one.can, one.data) end
    if one.read ~= nil then return running[one.read] end
    if one.save ~= nil then return running:save() end
    if one.picture ~= nil then return one.picture == 'dot' and defined:to_dot() or defined:to_mermaid() end
    running = defined:start(one.restore)
    return host.null
  end
  local results = list()
  for _, one in ipairs(case.steps) do
    local ok, value = pcall(step, one)
    results[#results + 1] = ok and value or not ok and tell(value) or value
  end
  return { results = results, log = log }
end

local function make_task(task, log)
  local run, compensate = task.run, task.compensate
  return {
    name = task.name,
    needs = task.needs,
    retry = task.retry,
    timeout_ms = task.timeout_ms,
    run = run and function(about)
      if run.log then log[#log + 1] = task.name end
      if run.sleep then host.sleep(run.sleep) end
      if run.fail and about.attempt <= (run.times or 100) then fail(run.fail) end
      if run.collect then
        local values = list()
        for index, other in ipairs(run.collect) do values[index] = about.results[other] end
        return values
      end
      if run.input then return about.input end
      return run.give
    end,
    compensate = compensate and function(about)
      if compensate.fail then fail(compensate.fail) end
      log[#log + 1] = ('undo %s %s'):format(task.name, about.result)
    end,
    when = task.when ~= nil and function(about) return about.input == task.when end or nil,
  }
end

local function run_workflow(case)
  local log, progress, tasks = list(), list(), list()
  for index, task in ipairs(case.definition.tasks) do tasks[index] = make_task(task, log) end
  local defined = workflow.define { name = case.definition.name, tasks = tasks }
  if case.picture ~= nil then return { text = case.picture == 'dot' and defined:to_dot() or defined:to_mermaid() } end
  local options = case.options or {}
  if case.kept ~= nil then host.kv.set(options.key, case.kept) end
  options.progress = function(event) progress[#progress + 1] = event.task .. ' ' .. event.status end
  local report
  for _ = 1, case.runs or 1 do report = defined:run(options) end
  return { report = report, log = log, progress = progress }
end

local function run_function(case)
  local value = areas[case.area][case.call](table.unpack(case.args))
  if value == nil then value = host.null end
  if type(value) == 'table' and next(value) == nil then value = list(value) end
  return { value = value }
end

local kinds = { machine = run_machine, workflow = run_workflow, ['function'] = run_function }

return {
  run_case = function(given)
    local ok, value = pcall(kinds[given.kind], given)
    return ok and value or tell(value)
  end,
}
