// What an Extism plugin can do wrong in a program that embeds the host: each ends with its own error, and the next call,
// of the same plugin and of another, is answered.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { echoModule, extismModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const well = '(func (export "well") (result i32) (i32.const 0))'

test.each([
  [
    'asks for more memory than its limit',
    () =>
      extismModule(`(func (export "go") (result i32)
        (if (i32.eq (memory.grow (i32.const 4000)) (i32.const -1)) (then (unreachable))) (i32.const 0)) ${well}`),
    'limit.memory',
  ],
  [
    'loops for ever',
    () => extismModule(`(func (export "go") (result i32) (loop $ever (br $ever)) (i32.const 0)) ${well}`),
    'limit.time',
  ],
  [
    'exits',
    () =>
      extismModule(`(func (export "go") (result i32) (call $exit (i32.const 7)) (i32.const 0)) ${well}`, {
        imports: '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
      }),
    'plugin.exit',
  ],
  ['traps', () => extismModule(`(func (export "go") (result i32) (unreachable)) ${well}`), 'plugin.trap'],
  [
    'recurses for ever',
    () => extismModule(`(func $deep (export "go") (result i32) (i32.add (call $deep) (i32.const 1))) ${well}`),
    'limit.stack',
  ],
] as const)('a plugin that %s', async (_what, module, code) => {
  await using workspace = await openWorkspace()
  await workspace.write('plugins/bad.wasm', await module())
  await workspace.write('plugins/echo.wasm', await echoModule())
  await using host = await openHost({
    home: workspace.home,
    plugins: [`${workspace.path}/plugins`],
    policy: { limits: { memoryBytes: 16 * 1024 * 1024 } },
  })
  const raw = new Uint8Array([1, 2, 3])
  await expect(host.invokeRaw('bad', 'go', raw, { timeoutMs: 1000 })).rejects.toMatchObject({ code })
  expect((await host.invokeRaw('bad', 'well', raw)).output).toHaveLength(0)
  expect((await host.invokeRaw('echo', 'echo', raw)).output).toEqual(raw)
})

test('a plugin that loops when it starts never loads, and the others are answered', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'plugins/bad.wasm',
    await extismModule(`(func $spin (loop $ever (br $ever))) (start $spin) ${well}`),
  )
  await workspace.write('plugins/echo.wasm', await echoModule())
  await using host = await openHost({
    home: workspace.home,
    plugins: [`${workspace.path}/plugins`],
    policy: { limits: { wallMs: 1000 } },
  })
  await expect(host.invokeRaw('bad', 'well', new Uint8Array())).rejects.toMatchObject({ code: 'limit.time' })
  expect((await host.invokeRaw('echo', 'echo', new Uint8Array([5]))).output).toEqual(new Uint8Array([5]))
})

test('a plugin that follows a redirect off its grant', async () => {
  let reached = false
  await using elsewhere = await openLoopbackServer((_request, response) => {
    reached = true
    response.end('reached')
  })
  await using server = await openLoopbackServer((_request, response) =>
    response.writeHead(302, { location: `${elsewhere.origin}/secret` }).end(),
  )
  await using workspace = await openWorkspace()
  const json = JSON.stringify({ method: 'GET', url: `${server.origin}/` })
  const imports = '(import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))'
  const body = `(func (export "go") (result i32)
    (drop (call $http (call $block (i32.const 0) (i32.const ${json.length})) (i64.const 0))) (i32.const 0)) ${well}`
  await workspace.write('plugins/bad.wasm', await extismModule(body, { imports, data: json }))
  await using host = await openHost({
    home: workspace.home,
    plugins: [`${workspace.path}/plugins`],
    policy: { grants: { bad: [`network:GET ${server.origin}/*`] } },
  })
  await expect(host.invokeRaw('bad', 'go', new Uint8Array())).rejects.toMatchObject({ code: 'capability.denied' })
  expect(reached).toBe(false)
  expect((await host.invokeRaw('bad', 'well', new Uint8Array())).output).toHaveLength(0)
})
