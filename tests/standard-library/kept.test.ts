// What is kept in the store: machines that many change at once, and workflows whose host ends in the middle.

import { defineHostFunction, type Host, type HostOptions } from '@bulkhead/host'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { makeLatch, openWorkspaceHost } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

let workspace: Workspace
beforeEach(async () => {
  workspace = await openWorkspace()
})
afterEach(() => workspace[Symbol.asyncDispose]())

const sources = {
  js: `import { machine, workflow } from '@bulkhead/sdk/std'
const counter = machine.define({
  id: 'counter',
  initial: 'on',
  context: { count: 0 },
  states: { on: { on: { ADD: { target: 'on', action: (context) => { context.count += 1 } } } } },
})
export const add = () => counter.persisted('counter').send('ADD')
export const count = async () => (await counter.persisted('counter').read()).context.count
const step = (name) => () => host.call('test.step', { name })
export const go = () =>
  workflow.run(
    { name: 'three', tasks: [
      { name: 'a', run: step('a') },
      { name: 'b', needs: ['a'], run: step('b') },
      { name: 'c', needs: ['b'], run: step('c') },
    ] },
    { key: 'three' },
  )
`,
  lua: `local machine, workflow = require 'bulkhead.machine', require 'bulkhead.workflow'
local counter = machine.define {
  id = 'counter',
  initial = 'on',
  context = { count = 0 },
  states = { on = { on = { ADD = { target = 'on', action = function(context) context.count = context.count + 1 end } } } },
}
local function step(name) return function() return host.call('test.step', { name = name }) end end
return {
  add = function() return counter:persisted('counter'):send('ADD') end,
  count = function() return counter:persisted('counter'):read().context.count end,
  go = function()
    return workflow.run({ name = 'three', tasks = {
      { name = 'a', run = step 'a' },
      { name = 'b', needs = { 'a' }, run = step 'b' },
      { name = 'c', needs = { 'b' }, run = step 'c' },
    } }, { key = 'three' })
  end,
}
`,
  rune: `use bulkhead::machine;
use bulkhead::workflow;

fn counter() {
    let action = |context, event| context.count += 1;
    let states = #{ on: #{ on: #{ ADD: #{ target: "on", action } } } };
    machine::persisted(#{ id: "counter", initial: "on", context: #{ count: 0 }, states }, "counter", #{})
}

pub fn add() { counter()?.send("ADD", ()) }

pub fn count() { Ok(counter()?.read()?.context.count) }

fn step(name) { async |task| host::start("test.step", #{ name: name }).await }

pub async fn go() {
    let tasks = [
        #{ name: "a", run: step("a") },
        #{ name: "b", needs: ["a"], run: step("b") },
        #{ name: "c", needs: ["b"], run: step("c") },
    ];
    workflow::run(#{ name: "three", tasks }, #{ key: "three" }).await
}
`,
}

const open = async (ending: keyof typeof sources, options: HostOptions = {}): Promise<Host> => {
  await workspace.write(`plugins/kept/main.${ending}`, sources[ending])
  await workspace.write(
    'plugins/kept/plugin.yaml',
    `manifest: 1\nname: kept\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: main.${ending} }\npermissions: { storage: true }\n`,
  )
  return openWorkspaceHost(workspace, { policy: { boundary: 'thread', grants: { kept: ['storage'] } }, ...options })
}

/** A host function that tells what was asked, and is stopped at a name. */
const stepper = (stopAt?: string) => {
  const asked: string[] = []
  const latch = makeLatch()
  const step = defineHostFunction({
    name: 'test.step',
    input: z.strictObject({ name: z.string() }),
    output: z.string(),
    needs: () => [],
    risk: 'write',
    run: async ({ input: { name } }) => {
      asked.push(name)
      if (name === stopAt) await latch.wait()
      return `${name} done`
    },
  })
  return { asked, latch, functions: [step] }
}

describe.each(Object.keys(sources) as (keyof typeof sources)[])('%s', (ending) => {
  test('many that change one machine at once lose nothing', async () => {
    await using host = await open(ending)
    const sent = await Promise.all(Array.from({ length: 24 }, () => host.call('kept', 'add')))
    expect(sent).toEqual(sent.map(() => ({ changed: true, state: 'on' })))
    expect(await host.call('kept', 'count')).toBe(24)
  })

  test('a workflow whose host ended goes on after the tasks that were done', async () => {
    const first = stepper('b')
    {
      await using host = await open(ending, { functions: first.functions })
      const cut = host.call('kept', 'go').catch((error: unknown) => error)
      await first.latch.reached
      await host[Symbol.asyncDispose]()
      first.latch.open()
      expect(await cut).toBeInstanceOf(Error)
    }
    expect(first.asked).toEqual(['a', 'b'])
    const second = stepper()
    await using host = await open(ending, { functions: second.functions })
    const report = { ok: true, results: { a: 'a done', b: 'b done', c: 'c done' } }
    expect(await host.call('kept', 'go')).toMatchObject(report)
    expect(second.asked).toEqual(['b', 'c'])
    // And once more it only tells what came of it.
    expect(await host.call('kept', 'go')).toMatchObject(report)
    expect(second.asked).toEqual(['b', 'c'])
  })

  test('two that run one workflow at once do not both finish it', async () => {
    const steps = stepper('a')
    await using host = await open(ending, { functions: steps.functions })
    const one = host.call('kept', 'go')
    await steps.latch.reached
    const other = host.call('kept', 'go')
    other.catch(() => undefined)
    await expect.poll(() => steps.asked.length, { timeout: 20_000 }).toBe(2)
    steps.latch.open()
    const ends = await Promise.allSettled([one, other])
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as { details?: object }] : []))
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatchObject({ details: { guestCode: 'workflow.conflict' } })
  })
})
