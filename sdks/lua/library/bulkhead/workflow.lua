---@meta bulkhead.workflow

-- The module `bulkhead.workflow` for the Lua language server; it is never run.

---Workflows: tasks that need each other, side by side as far as they can be.
---@class bulkhead.workflow
local workflow = {}

---When a task is tried again. Milliseconds.
---@class bulkhead.workflow.retry
---@field attempts? integer How often it is tried in all; 1 when absent.
---@field backoff_ms? number Wait before the second try; 100 when absent.
---@field factor? number What each further wait is multiplied by; 2 when absent.
---@field max_ms? number Longest wait; 30,000 when absent.
---@field jitter? number Share of a wait that chance may take away, 0 to 1; 0.5 when absent.

---What a task is told.
---@class bulkhead.workflow.context
---@field input any
---@field results table<string, any> What the tasks gave that are done, by name.
---@field attempt integer Which try it is, from 1.

---What a compensation is told: besides, what its task gave.
---@class bulkhead.workflow.compensation: bulkhead.workflow.context
---@field result any

---@class bulkhead.workflow.task
---@field name string
---@field needs? string[] Tasks that must be done, or left out, before.
---@field run fun(context: bulkhead.workflow.context): any Its result; values that JSON can hold where the workflow is kept.
---@field retry? bulkhead.workflow.retry
---@field timeout_ms? number For each try.
---@field compensate? fun(context: bulkhead.workflow.compensation) Undoes what it did, when a later task fails for good.
---@field when? fun(context: bulkhead.workflow.context): any Whether it is to run at all.

---@class bulkhead.workflow.definition
---@field name string
---@field tasks bulkhead.workflow.task[]

---@class bulkhead.workflow.progress
---@field task string
---@field status "started"|"retrying"|"done"|"skipped"|"failed"|"compensating"|"compensated"|"compensation-failed"
---@field attempt? integer
---@field error? { code?: string, message: string }

---@class bulkhead.workflow.options
---@field input? any What every task is told.
---@field concurrency? integer Most tasks at once, 1 to 64; 4 when absent.
---@field key? string Keeps the run in the host's store under this key: run again, it goes on where it was.
---@field scope? "plugin"|"workspace"|"global"
---@field progress? fun(event: bulkhead.workflow.progress)

---@class bulkhead.workflow.report
---@field ok boolean Whether all tasks are done or left out.
---@field results table<string, any>
---@field tasks table<string, { status: "waiting"|"done"|"skipped"|"failed"|"compensated"|"compensation-failed", attempts: integer, error?: { code?: string, message: string } }>
---@field failed? string The task that failed for good.

---A workflow that was checked, ready to run.
---@class bulkhead.workflow.defined
---@field name string
local defined = {}

---Runs it to its end. A task that fails makes a report that is not `ok`, and no error.
---@param options? bulkhead.workflow.options
---@return bulkhead.workflow.report
function defined:run(options) end

---@return string
function defined:to_dot() end

---@return string
function defined:to_mermaid() end

---Checks a workflow. Raises `workflow.invalid` with all faults, `workflow.cycle` naming one.
---@param definition bulkhead.workflow.definition
---@return bulkhead.workflow.defined
function workflow.define(definition) end

---The same as `workflow.define(definition):run(options)`.
---@param definition bulkhead.workflow.definition
---@param options? bulkhead.workflow.options
---@return bulkhead.workflow.report
function workflow.run(definition, options) end

return workflow
