-- What a workflow is: tasks that need each other. All of it is checked before one runs.

local ipairs, math_type, tostring, type = ipairs, math.type, tostring, type
local concat = table.concat
local failure, lists = require 'bulkhead.failure', require 'bulkhead.lists'

--- Most tasks of one workflow, and the longest wait, milliseconds.
local most_tasks, longest_ms = 1000, 86400000
--- How a task is tried again: what holds when it does not say, and between what.
local retry_rules = {
  { 'attempts', 1, 1, 100 },
  { 'backoff_ms', 100, 0, longest_ms },
  { 'factor', 2, 1, 100 },
  { 'max_ms', 30000, 0, longest_ms },
  { 'jitter', 0.5, 0, 1 },
}

local function is_list_of_names(value)
  if not lists.is_list(value) then return false end
  for _, member in ipairs(value) do
    if type(member) ~= 'string' then return false end
  end
  return true
end

local function check_task(task, fault)
  local name = task.name
  for _, part in ipairs { 'run', 'compensate', 'when' } do
    local is_missing = part ~= 'run' and task[part] == nil
    if not is_missing and type(task[part]) ~= 'function' then fault(part .. ' of ' .. name .. ' must be a function') end
  end
  local function number(what, value, least, most)
    if math_type(value) and value >= least and value <= most then return end
    fault(what .. ' of ' .. name .. ' must be a number from ' .. least .. ' to ' .. most)
  end
  local given, retry = type(task.retry) == 'table' and task.retry or {}, {}
  for _, rule in ipairs(retry_rules) do
    local what = rule[1]
    retry[what] = given[what] == nil and rule[2] or given[what]
    number(what, retry[what], rule[3], rule[4])
  end
  if task.timeout_ms ~= nil then number('timeout_ms', task.timeout_ms, 1, longest_ms) end
  local needs = task.needs or {}
  if not is_list_of_names(needs) then
    fault('needs of ' .. name .. ' must be a list of names')
    needs = {}
  end
  return {
    name = name,
    needs = needs,
    run = task.run,
    retry = retry,
    timeout_ms = task.timeout_ms,
    compensate = task.compensate,
    when = task.when,
  }
end

--- Names of a cycle along the needs, the first once more at the end; nil when there is none.
local function find_cycle(names, tasks)
  local left, changed = {}, true
  for _, name in ipairs(names) do left[name] = true end
  local function need_left(name)
    for _, need in ipairs(tasks[name].needs) do
      if left[need] then return need end
    end
  end
  while changed do
    changed = false
    for _, name in ipairs(names) do
      if left[name] and need_left(name) == nil then
        left[name], changed = nil, true
      end
    end
  end
  local at
  for _, name in ipairs(names) do
    if at == nil and left[name] then at = name end
  end
  if at == nil then return nil end
  local path, places = {}, {}
  -- Each that is left needs one that is left.
  while places[at] == nil do
    path[#path + 1] = at
    places[at] = #path
    at = need_left(at)
  end
  local cycle = {}
  for index = places[at], #path do cycle[#cycle + 1] = path[index] end
  cycle[#cycle + 1] = at
  return cycle
end

--- The workflow in one shape. Raises `workflow.invalid` with all faults, or `workflow.cycle` naming one.
return function(definition)
  if type(definition) ~= 'table' or not lists.is_list(definition.tasks) then
    failure.raise('workflow.invalid', 'workflow : tasks is missing', { 'tasks is missing' })
  end
  local name, faults, names, tasks = definition.name, {}, {}, {}
  local function fault(text) faults[#faults + 1] = text end
  if type(name) ~= 'string' or name == '' then fault('name must be a name') end
  if #definition.tasks == 0 or #definition.tasks > most_tasks then fault('there must be 1 to ' .. most_tasks .. ' tasks') end
  for index, task in ipairs(definition.tasks) do
    if type(task) ~= 'table' or type(task.name) ~= 'string' or task.name == '' then
      fault('task ' .. index .. ' has no name')
    else
      if tasks[task.name] ~= nil then fault('there are two tasks ' .. task.name) else names[#names + 1] = task.name end
      tasks[task.name] = check_task(task, fault)
    end
  end
  for _, task in ipairs(names) do
    for _, need in ipairs(tasks[task].needs) do
      if tasks[need] == nil then fault('task ' .. task .. ' needs no task: ' .. need) end
    end
  end
  if #faults > 0 then
    failure.raise('workflow.invalid', 'workflow ' .. tostring(name) .. ': ' .. concat(faults, '; '), faults)
  end
  local cycle = find_cycle(names, tasks)
  if cycle ~= nil then
    failure.raise('workflow.cycle', 'workflow ' .. name .. ': tasks need each other: ' .. concat(cycle, ' → '), cycle)
  end
  return { name = name, names = names, tasks = tasks }
end
