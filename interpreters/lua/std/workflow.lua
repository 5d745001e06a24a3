-- Workflows: tasks whose needs are done run side by side, up to a limit; when one fails for good, those that run come to their
-- ends, no more are begun, and what was done is undone in reverse order.

local error, ipairs, math_type, pcall = error, ipairs, math.type, pcall
local concat, unpack = table.concat, table.unpack
local min, random = math.min, math.random
local host = host
local check, open_record = require 'bulkhead.workflow_check', require 'bulkhead.workflow_record'
local diagram, failure = require 'bulkhead.diagram', require 'bulkhead.failure'

local most_at_once = 64

--- Runs a function within a time: whether it went well, and its result or its error. What comes after the time is passed over.
local function within(name, timeout_ms, run, ...)
  if timeout_ms == nil then return pcall(run, ...) end
  local job, clock = host.spawn(run, ...), host.timer(timeout_ms)
  local first, ok, value = host.wait(job, clock)
  if first == job then
    host.drop(clock)
    return ok, value
  end
  host.drop(job)
  return false, failure.make('task.timeout', 'task ' .. name .. ' took longer than ' .. timeout_ms .. ' ms')
end

--- How long to wait after a try, milliseconds.
local function delay_after(attempts, rules, chance)
  return min(rules.max_ms, rules.backoff_ms * rules.factor ^ (attempts - 1)) * (1 - rules.jitter * chance)
end

--- Tries until it succeeds or the rules are used up: whether it did, what came of it, and how often it was tried.
local function attempt(task, run, on_retry)
  local attempts = 1
  while true do
    local ok, value = within(task.name, task.timeout_ms, run, attempts)
    if ok then return true, value, attempts end
    local told = failure.tell(value)
    if attempts >= task.retry.attempts then return false, told, attempts end
    on_retry(attempts, told)
    host.sleep(delay_after(attempts, task.retry, random()))
    attempts = attempts + 1
  end
end

local function retrying(tell, name)
  return function(attempts, told) tell { task = name, status = 'retrying', attempt = attempts, error = told } end
end

local function fail_task(record, tell, name, attempts, told)
  record:fail(name, attempts, told)
  record:save()
  tell { task = name, status = 'failed', attempt = attempts, error = told }
end

local function run_task(record, tell, task)
  local name = task.name
  local function about(attempts)
    return { input = record.input, results = record:told_results(), attempt = attempts }
  end
  if task.when ~= nil then
    local ok, wanted = pcall(task.when, about(1))
    if not ok then return fail_task(record, tell, name, 0, failure.tell(wanted)) end
    if not wanted or wanted == host.null then
      record.tasks[name] = { status = 'skipped', attempts = 0 }
      tell { task = name, status = 'skipped' }
      return record:save()
    end
  end
  tell { task = name, status = 'started' }
  local ok, value, attempts = attempt(task, function(count) return task.run(about(count)) end, retrying(tell, name))
  if not ok then return fail_task(record, tell, name, attempts, value) end
  record:finish(name, value, attempts)
  record:save()
  tell { task = name, status = 'done', attempt = attempts }
end

local function is_next(workflow, record, name)
  if record.tasks[name].status ~= 'waiting' then return false end
  for _, need in ipairs(workflow.tasks[name].needs) do
    local status = record.tasks[need].status
    if status ~= 'done' and status ~= 'skipped' then return false end
  end
  return true
end

local function run_tasks(workflow, record, tell, concurrency)
  local under_way, names = {}, {}
  while true do
    for _, name in ipairs(workflow.names) do
      if #under_way >= concurrency or record.status ~= 'running' then break end
      if names[name] == nil and is_next(workflow, record, name) then
        names[name] = host.spawn(run_task, record, tell, workflow.tasks[name])
        under_way[#under_way + 1] = names[name]
      end
    end
    if #under_way == 0 then break end
    local first, ok, thrown = host.wait(unpack(under_way))
    -- What keeps a run from being kept; a task that fails is in the record.
    if not ok then error(thrown, 0) end
    local left = {}
    for _, ticket in ipairs(under_way) do
      if ticket ~= first then left[#left + 1] = ticket end
    end
    under_way = left
  end
  if record.status == 'running' then
    record.status = 'done'
    record:save()
  end
end

local function compensate(workflow, record, tell)
  for index = #record.order, 1, -1 do
    local name = record.order[index]
    local task, report = workflow.tasks[name], record.tasks[name]
    if task.compensate ~= nil and report.status == 'done' then
      tell { task = name, status = 'compensating' }
      local ok, value = attempt(task, function(attempts)
        local results = record:told_results()
        return task.compensate { input = record.input, results = results, attempt = attempts, result = results[name] }
      end, retrying(tell, name))
      local status, told = 'compensated', nil
      if not ok then status, told = 'compensation-failed', value end
      record.tasks[name] = { status = status, attempts = report.attempts, error = told }
      record:save()
      tell { task = name, status = status, error = told }
    end
  end
  record.status = 'failed'
  record:save()
end

local function run(workflow, options)
  options = options or {}
  local concurrency = options.concurrency == nil and 4 or options.concurrency
  if math_type(concurrency) ~= 'integer' or concurrency < 1 or concurrency > most_at_once then
    failure.raise('library.argument', 'concurrency must be a whole number from 1 to ' .. most_at_once)
  end
  local record = open_record(workflow, options)
  local function tell(event)
    if options.progress ~= nil then options.progress(event) end
  end
  if record.status == 'running' then run_tasks(workflow, record, tell, concurrency) end
  if record.status == 'compensating' then compensate(workflow, record, tell) end
  return record:report()
end

local function lay_out(definition)
  local ids, arrows = {}, {}
  for index, name in ipairs(definition.names) do ids[name] = 't' .. index - 1 end
  for _, name in ipairs(definition.names) do
    for _, need in ipairs(definition.tasks[name].needs) do
      arrows[#arrows + 1] = { from = ids[need], to = ids[name] }
    end
  end
  return ids, arrows
end

local function to_dot(definition)
  local ids, arrows = lay_out(definition)
  local lines = { 'digraph ' .. diagram.quote_for_dot(definition.name) .. ' {', '  rankdir=LR;' }
  for _, name in ipairs(definition.names) do
    lines[#lines + 1] = '  ' .. ids[name] .. ' [label=' .. diagram.quote_for_dot(name) .. ', shape=box];'
  end
  for _, arrow in ipairs(arrows) do lines[#lines + 1] = '  ' .. arrow.from .. ' -> ' .. arrow.to .. ';' end
  lines[#lines + 1] = '}\n'
  return concat(lines, '\n')
end

local function to_mermaid(definition)
  local ids, arrows = lay_out(definition)
  local lines = { 'flowchart LR' }
  for _, name in ipairs(definition.names) do
    lines[#lines + 1] = '  ' .. ids[name] .. '["' .. diagram.escape_for_mermaid(name) .. '"]'
  end
  for _, arrow in ipairs(arrows) do lines[#lines + 1] = '  ' .. arrow.from .. ' --> ' .. arrow.to end
  return concat(lines, '\n') .. '\n'
end

local workflow = {}

--- Checks a workflow: `workflow.define { name = …, tasks = { { name = …, needs = { … }, run = function … } } }`.
function workflow.define(definition)
  local checked = check(definition)
  return {
    name = checked.name,
    run = function(_, options) return run(checked, options) end,
    to_dot = function() return to_dot(checked) end,
    to_mermaid = function() return to_mermaid(checked) end,
  }
end

--- The same as `workflow.define(definition):run(options)`.
function workflow.run(definition, options) return run(check(definition), options) end

return workflow
