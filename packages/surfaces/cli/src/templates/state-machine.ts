// A plugin with a state machine that is kept between its calls: what may follow what stands in one table.

import type { Template } from './template.ts'

/** See the file's head. */
export const stateMachineTemplate: Template = {
  description: 'A piece of work from open to done, as a state machine.',
  permissions: ['storage: true'],
  grants: ['storage'],
  examples: [
    { action: 'send', input: { event: 'start' }, output: { changed: true, state: 'doing' } },
    { action: 'send', input: { event: 'finish' }, output: { changed: true, state: 'done' } },
    { action: 'send', input: { event: 'start' }, output: { changed: false, state: 'done', reason: 'final' } },
    { action: 'show', input: {}, output: { state: 'done', starts: 1 } },
  ],
  sources: {
    lua: `local machine = require "bulkhead.machine"

local work = machine.define {
  id = "work",
  initial = "open",
  context = { starts = 0 },
  states = {
    open = { on = { start = "doing" } },
    doing = {
      entry = function(context)
        context.starts = context.starts + 1
      end,
      on = { stop = "open", finish = "done" },
    },
    done = { final = true },
  },
}
local kept = work:persisted("work")

local M = {}

---Tells it what happened. What does not fit changes nothing, and the reason is told.
---@param event "start"|"stop"|"finish"
---@return { changed: boolean, state: string, reason?: string }
---@risk write
function M.send(event)
  return kept:send(event)
end

---Tells how it stands.
---@return { state: string, starts: integer }
---@risk read-only
function M.show()
  local now = kept:read()
  return { state = now.state, starts = now.context.starts }
end

return M
`,
    rune: `use bulkhead::machine;

fn kept() {
    let work = machine::define(#{
        id: "work",
        initial: "open",
        context: #{ starts: 0 },
        states: #{
            open: #{ on: #{ start: "doing" } },
            doing: #{
                entry: |context, _| { context.starts += 1; },
                on: #{ stop: "open", finish: "done" },
            },
            done: #{ "final": true },
        },
    })?;
    Ok(work.persisted("work", #{}))
}

/// Tells it what happened. What does not fit changes nothing, and the reason is told.
///
/// @param event "start"|"stop"|"finish"
/// @return { changed: boolean, state: string, reason?: string }
/// @risk write
pub fn send(event) {
    kept()?.send(event, ())
}

/// Tells how it stands.
///
/// @return { state: string, starts: integer }
/// @risk read-only
pub fn show() {
    let now = kept()?.read()?;
    Ok(#{ state: now.state, starts: now.context.starts })
}
`,
    javascript: `import { machine } from '@bulkhead/sdk/std'

const work = machine.define({
  id: 'work',
  initial: 'open',
  context: { starts: 0 },
  states: {
    open: { on: { start: 'doing' } },
    doing: {
      entry: (context) => {
        context.starts += 1
      },
      on: { stop: 'open', finish: 'done' },
    },
    done: { final: true },
  },
})
const kept = work.persisted('work')

/**
 * Tells it what happened. What does not fit changes nothing, and the reason is told.
 *
 * @param {object} input
 * @param {"start"|"stop"|"finish"} input.event
 * @returns {Promise<{ changed: boolean, state: string, reason?: string }>}
 * @risk write
 */
export async function send({ event }) {
  return kept.send(event)
}

/**
 * Tells how it stands.
 *
 * @returns {Promise<{ state: string, starts: integer }>}
 * @risk read-only
 */
export async function show() {
  const { state, context } = await kept.read()
  return { state, starts: context.starts }
}
`,
    typescript: `import { machine } from '@bulkhead/sdk/std'

const work = machine.define<{ starts: number }>({
  id: 'work',
  initial: 'open',
  context: { starts: 0 },
  states: {
    open: { on: { start: 'doing' } },
    doing: {
      entry: (context) => {
        context.starts += 1
      },
      on: { stop: 'open', finish: 'done' },
    },
    done: { final: true },
  },
})
const kept = work.persisted('work')

type WorkEvent = 'start' | 'stop' | 'finish'

/**
 * Tells it what happened. What does not fit changes nothing, and the reason is told.
 *
 * @risk write
 */
export async function send({
  event,
}: {
  event: WorkEvent
}): Promise<{ changed: boolean; state: string; reason?: string }> {
  return kept.send(event)
}

/**
 * Tells how it stands.
 *
 * @risk read-only
 */
export async function show(): Promise<{ state: string; starts: number }> {
  const { state, context } = await kept.read()
  return { state, starts: context.starts }
}
`,
  },
}
