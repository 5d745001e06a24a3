-- What is known of a run, and how it is kept: after each task, so that one that is done is never run again. The record has a
-- version, and a run that finds it changed gives up: two never work on one record.

local error, ipairs, next, setmetatable = error, ipairs, next, setmetatable
local host = host
local failure, kept, lists = require 'bulkhead.failure', require 'bulkhead.kept', require 'bulkhead.lists'

local Record = {}
Record.__index = Record

function Record:is_over() return self.status == 'done' or self.status == 'failed' end

--- What tasks gave so far: a table of its own for whoever is told.
function Record:told_results()
  local results = {}
  for name, result in next, self.results do results[name] = result end
  return results
end

function Record:finish(name, result, attempts)
  self.tasks[name] = { status = 'done', attempts = attempts }
  self.results[name] = result == nil and host.null or result
  self.order[#self.order + 1] = name
end

function Record:fail(name, attempts, told)
  self.tasks[name] = { status = 'failed', attempts = attempts, error = told }
  self.failed = self.failed or name
  self.status = 'compensating'
end

function Record:report()
  return { ok = self.status == 'done', results = self:told_results(), tasks = self.tasks, failed = self.failed }
end

local function write(record)
  local value = {
    workflow = record.workflow.name,
    status = record.status,
    input = record.input == nil and host.null or record.input,
    tasks = record.tasks,
    results = record.results,
    order = record.order,
    failed = record.failed,
  }
  local version = kept.write(record.key, value, record.version, record.scope)
  if version == nil then
    failure.raise('workflow.conflict', 'workflow ' .. record.workflow.name .. ': another run writes to ' .. record.key)
  end
  record.version = version
end

--- Keeps what is known; one after the other, as each needs the version of the last.
function Record:save()
  if self.key == nil then return end
  local before = self.saving
  self.saving = host.spawn(function()
    if before ~= nil then
      local _, ok, thrown = host.wait(before)
      if not ok then error(thrown, 0) end
    end
    write(self)
  end)
  local _, ok, thrown = host.wait(self.saving)
  if not ok then error(thrown, 0) end
end

local function take(record, saved)
  local is_same = saved.workflow == record.workflow.name
  for name in next, saved.tasks do is_same = is_same and record.tasks[name] ~= nil end
  if not is_same then
    failure.raise(
      'workflow.changed',
      'workflow ' .. record.workflow.name .. ': what ' .. record.key .. ' keeps is of another workflow, or of other tasks'
    )
  end
  record.status, record.input, record.failed = saved.status, saved.input, saved.failed
  for name, report in next, saved.tasks do record.tasks[name] = report end
  for name, result in next, saved.results do record.results[name] = result end
  for _, name in ipairs(saved.order) do record.order[#record.order + 1] = name end
end

--- Takes up a run that was kept, or begins one.
return function(workflow, options)
  local record = setmetatable({
    workflow = workflow,
    key = options.key,
    scope = options.scope,
    status = 'running',
    input = lists.copy(options.input),
    tasks = {},
    results = {},
    order = host.array {},
    version = 0,
  }, Record)
  for _, name in ipairs(workflow.names) do record.tasks[name] = { status = 'waiting', attempts = 0 } end
  if record.key == nil then return record end
  local saved, version = kept.read(record.key, record.scope)
  record.version = version
  if saved ~= nil then take(record, saved) end
  -- A mark of its own, so that another that took it up at the same time finds out.
  if not record:is_over() then record:save() end
  return record
end
