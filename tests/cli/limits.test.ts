// Limits on the command line: each ends the command with exit code 5, its own code and a hint that says how to raise it.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { extismModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const script = `
  export const spin = () => { for (;;) ; }
  export const hoard = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)) }
  export const flood = () => 'x'.repeat(200000)
  export const ping = () => 'pong'
  export const log = async () => { for (let i = 0; i < 5; i++) await host.kv.get('k') }
`

test.each([
  ['spin', ['--timeout', '300ms'], 'limit.time', 'raise --timeout'],
  ['spin', ['--limit', 'wall=300ms'], 'limit.time', '--limit wall='],
  ['spin', ['--limit', 'cpu=200ms'], 'limit.cpu', '--limit cpu='],
  ['spin', ['--fuel', '20000000'], 'limit.fuel', '--fuel'],
  ['hoard', ['--memory', '24MiB'], 'limit.memory', '--memory'],
  ['flood', ['--limit', 'output=1KiB'], 'limit.output', '--limit output='],
  ['log', ['--limit', 'hostCalls=2', '--grant', 'storage'], 'limit.host-calls', '--limit hostCalls='],
] as const)('a script: %s %j', async (action, flags, code, hint) => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('tool.js', script)
  const result = await bulkhead(['run', file, action, '--json', ...flags], workspace)
  expect(result.json().error).toMatchObject({ code, hint: expect.stringContaining(hint) as string })
  expect(result.code).toBe(5)
  const text = await bulkhead(['run', file, action, ...flags], workspace)
  expect(text.err).toContain(hint)
})

test('a module: --fuel ends it, and what a call took is told', async () => {
  await using workspace = await openWorkspace()
  const body = `(func (export "work") (result i32) (local $i i32)
    (loop $next (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100000))))
    (i32.const 0))`
  const file = await workspace.write('work.wasm', await extismModule(body))
  const run = (fuel: number) => bulkhead(['run', file, 'work', '--raw', '--json', '--fuel', String(fuel)], workspace)
  const enough = (await run(10_000_000)).json() as unknown as { metrics: { fuelUsed: number; cpuMs: number } }
  expect(enough.metrics.fuelUsed).toBeGreaterThan(100_000)
  expect(enough.metrics.cpuMs).toBeGreaterThan(0)
  const short = await run(enough.metrics.fuelUsed - 1)
  expect(short.json().error.code).toBe('limit.fuel')
  expect(short.code).toBe(5)
  expect((await run(enough.metrics.fuelUsed)).code).toBe(0)
})

test('metrics have a figure for everything that can be bounded', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('tool.js', script)
  const result = await bulkhead(['run', file, 'ping', '--json', '--fuel', '1000000000'], workspace)
  const { metrics } = result.json() as unknown as { metrics: Record<string, number | null> }
  const measured = Object.keys(metrics).filter((name) => typeof metrics[name] === 'number')
  expect(measured).toEqual(
    expect.arrayContaining(['loadMs', 'callMs', 'cpuMs', 'hostCalls', 'memoryBytes', 'fuelUsed', 'outputBytes']),
  )
})

test('show prints the limits in force, and a manifest with cpu and fuel is no warning', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'tool/plugin.yaml',
    'name: tool\nversion: 1.0.0\ntype: tool\nexecution: { entry: index.js, limits: { cpu: 2s, fuel: 1000000 } }\n',
  )
  await workspace.write('tool/index.js', script)
  const shown = await bulkhead(['show', `${workspace.path}/tool`], workspace)
  expect(shown.out.toString()).toMatch(/^ {2}cpu +2s$/m)
  expect(shown.out.toString()).toMatch(/^ {2}fuel +1000000$/m)
  const validated = await bulkhead(['validate', `${workspace.path}/tool`], workspace)
  expect(validated).toMatchObject({ code: 0, err: '' })
})

test('a memory limit that is too small to start with is told in bytes', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('tool.js', script)
  const result = await bulkhead(['run', file, 'ping', '--json', '--memory', '1KiB'], workspace)
  expect(result.json().error).toMatchObject({
    code: 'limit.memory',
    message: expect.stringMatching(/needs \d{6,} bytes of memory; its limit is 1024$/) as string,
  })
})
