---@meta bulkhead.machine

-- The module `bulkhead.machine` for the Lua language server; it is never run.

---State machines: one state at a time, and a context. A callback that raises an error leaves a machine as it was.
---@class bulkhead.machine
local machine = {}

---What happened, as guards and callbacks are told.
---@class bulkhead.machine.event
---@field name string
---@field data any
---@field from string
---@field to string

---@alias bulkhead.machine.callback fun(context: table, event: bulkhead.machine.event)

---One way out of a state.
---@class bulkhead.machine.transition
---@field target string
---@field guard? fun(context: table, event: bulkhead.machine.event): boolean Whether it may be taken.
---@field action? bulkhead.machine.callback

---One state. Where an event leads is a state, a transition, or several of which the first is taken whose guard agrees.
---@class bulkhead.machine.state
---@field on? table<string, string|bulkhead.machine.transition|(string|bulkhead.machine.transition)[]>
---@field entry? bulkhead.machine.callback
---@field exit? bulkhead.machine.callback
---@field final? boolean No event leads out of it.

---@class bulkhead.machine.definition
---@field id string
---@field initial string
---@field context? table The context at the start: values that JSON can hold.
---@field states table<string, bulkhead.machine.state>
---@field transition? bulkhead.machine.callback Runs after every change.

---What a machine was saved as.
---@class bulkhead.machine.saved
---@field machine string
---@field state string
---@field context table
---@field history { event: string, from: string, to: string }[]

---@class bulkhead.machine.result
---@field changed boolean
---@field state string The state now.
---@field reason? "guard"|"final"|"no-transition" Why nothing changed.

---A machine that runs. Its fields are to be read.
---@class bulkhead.machine.running
---@field state string
---@field context table
---@field done boolean Whether the state is final.
---@field history { event: string, from: string, to: string }[] The last changes, the oldest first.
local running = {}

---Whether the event would change the state now. Raises `machine.unknown-event`.
---@param name string
---@param data? any
---@return boolean
function running:can(name, data) end

---Takes the first transition whose guard agrees: exit, action, entry, and what runs after every change.
---@param name string
---@param data? any
---@return bulkhead.machine.result
function running:send(name, data) end

---All of it as plain data, to be started from again.
---@return bulkhead.machine.saved
function running:save() end

---A machine that lives in the host's store. Each event reads it, changes it and writes it if nobody else did meanwhile; else
---it begins again, so that its callbacks may run more than once for one event.
---@class bulkhead.machine.persisted
local persisted = {}

---The machine as it is now; changing it changes nothing that is kept.
---@return bulkhead.machine.running
function persisted:read() end

---@param name string
---@param data? any
---@return boolean
function persisted:can(name, data) end

---Raises `machine.conflict` when others change it again and again.
---@param name string
---@param data? any
---@return bulkhead.machine.result
function persisted:send(name, data) end

---A machine that was checked, ready to start.
---@class bulkhead.machine.defined
---@field id string
local defined = {}

---Starts anew, or from what was saved.
---@param saved? bulkhead.machine.saved
---@return bulkhead.machine.running
function defined:start(saved) end

---The machine that is kept under a key of the host's store.
---@param key string
---@param options? { scope?: "plugin"|"workspace"|"global" }
---@return bulkhead.machine.persisted
function defined:persisted(key, options) end

---@return string
function defined:to_dot() end

---@return string
function defined:to_mermaid() end

---Checks a machine. Raises `machine.invalid`, with all faults in one message.
---@param definition bulkhead.machine.definition
---@return bulkhead.machine.defined
function machine.define(definition) end

---The same as `machine.define(definition):persisted(key, options)`.
---@param definition bulkhead.machine.definition
---@param key string
---@param options? { scope?: "plugin"|"workspace"|"global" }
---@return bulkhead.machine.persisted
function machine.persisted(definition, key, options) end

return machine
