// What bounds a TypeScript plugin in a Node process: its memory, and what a line of its wire holds.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openProcesses } from '../../packages/runtimes/process/src/running-process.ts'
import { lookUp, openInNode } from '../support/both-tiers.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-bounds-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('memory of every kind is bounded, at the top level too, and the next call is answered', async () => {
  const hoard = {
    objects: `const all: unknown[] = []; for (;;) all.push({ a: [all.length], b: String(all.length) })`,
    bytes: `const all: unknown[] = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))`,
  }
  const execution = '  limits: { memory: 32MiB }\n'
  {
    await using host = await openInNode(
      folder,
      `const all: unknown[] = []
       export const objects = () => { ${hoard.objects} }
       export const bytes = () => { ${hoard.bytes} }
       export const fine = () => 'fine'`,
      { execution },
    )
    for (const action of ['objects', 'bytes']) {
      await expect(host.call('sample', action)).rejects.toMatchObject({ code: 'limit.memory' })
      expect(await host.call('sample', 'fine')).toBe('fine')
    }
  }
  await using host = await openInNode(folder, `${hoard.objects}\nexport const run = () => 1`, { execution })
  await expect(host.call('sample', 'run')).rejects.toMatchObject({ code: 'limit.memory' })
})

test('its processor time is bounded, and the next call is answered', async () => {
  const source = `export const spin = () => { for (;;); }\nexport const fine = () => 'fine'`
  await using host = await openInNode(folder, source, {
    execution: '  limits: { cpu: 500ms }\n  isolation: per-plugin\n',
  })
  await expect(host.call('sample', 'spin')).rejects.toMatchObject({ code: 'limit.cpu' })
  expect(await host.call('sample', 'fine')).toBe('fine')
})

test('a top level that loops ends with the load, and nothing of it stays', async () => {
  await using host = await openInNode(folder, 'for (;;);\nexport const run = () => 1', {
    execution: '  limits: { wall: 500ms }\n',
  })
  const call = host.call('sample', 'run')
  call.catch(() => undefined)
  await expect.poll(() => openProcesses(), { interval: 5 }).toBe(1)
  await expect(call).rejects.toMatchObject({
    code: 'limit.time',
    message: 'loading sample took more than 500 ms',
  })
  await expect.poll(() => openProcesses()).toBe(0)
})

test('more than a line of the wire holds fails the call, or the host call, in words', async () => {
  const source = `let n = 0
    const nest = (levels: number) => { let value: unknown = 1; for (let i = 0; i < levels; i++) value = [value]; return value }
    const values = {
      long: () => 'x'.repeat(20 << 20),
      bytes: () => new Uint8Array(14 << 20),
      wide: () => new Array(300_000).fill(1),
      deep: () => nest(200),
      deepest: () => nest(125),
      widest: () => new Array(200_000).fill(1),
    }
    export const count = () => ++n
    export const give = (what: keyof typeof values) => values[what]()
    export const ask = (what: keyof typeof values) => host.call('orders.look_up', values[what]())
      .then(() => 'answered', ({ name, code }) => [name, code])
    export const fail = () => { throw Object.assign(new Error('e'.repeat(1 << 20)), { details: nest(200), code: 'c'.repeat(500) }) }
    export const log = () => console.log('l'.repeat(1 << 20))`
  const execution = '  isolation: per-plugin\n'
  const more = 'capabilities: [orders.look_up]\n'
  await using host = await openInNode(folder, source, { execution, more, host: { functions: [lookUp] } })
  const outputs = { long: 'limit.output', bytes: 'limit.output', wide: 'output.invalid', deep: 'output.invalid' }
  for (const [what, code] of Object.entries(outputs)) {
    await expect(host.call('sample', 'give', what)).rejects.toMatchObject({ code })
  }
  const inputs = { long: 'input.too-large', bytes: 'input.too-large', wide: 'input.too-large', deep: 'input.too-deep' }
  let count = 0
  for (const [what, code] of Object.entries(inputs)) {
    expect(await host.call('sample', 'ask', what)).toEqual(['HostError', code])
    expect(await host.call('sample', 'count')).toBe(++count)
  }
  for (const what of ['deepest', 'widest']) {
    expect(await host.call('sample', 'give', what)).toBeInstanceOf(Array)
    expect(await host.call('sample', 'ask', what)).toBe('answered')
  }
  await expect(host.call('sample', 'fail')).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(await host.call('sample', 'log')).toBeNull()
})
