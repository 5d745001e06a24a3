// How a plugin that misbehaves ends the command: its exit code and the code of its error.

import { expect, test } from 'vitest'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { bulkhead } from '../support/cli.ts'
import { extismModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const modules = {
  hungry: () =>
    extismModule('(func (export "go") (result i32) (drop (call $alloc (i64.const 200000000))) (i32.const 0))'),
  // As the allocators of Rust and AssemblyScript do: grow, and trap when refused.
  grower: () =>
    extismModule(
      '(func (export "go") (result i32) (if (i32.eq (memory.grow (i32.const 4000)) (i32.const -1)) (then (unreachable))) (i32.const 0))',
    ),
  loop: () => extismModule('(func (export "go") (result i32) (loop $ever (br $ever)) (i32.const 0))'),
  loopAtStart: () =>
    extismModule('(func $spin (loop $ever (br $ever))) (start $spin) (func (export "go") (result i32) (i32.const 0))'),
  exit: () =>
    extismModule('(func (export "go") (result i32) (call $exit (i32.const 7)) (i32.const 0))', {
      imports: '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
    }),
  trap: () => extismModule('(func (export "go") (result i32) (unreachable))'),
}

test.each([
  ['hungry', ['--memory', '16MiB'], 5, /^limit\.memory$/],
  ['grower', ['--memory', '16MiB'], 5, /^limit\.memory$/],
  ['loop', ['--timeout', '500ms'], 5, /^limit\.time$/],
  ['loopAtStart', ['--timeout', '500ms'], 5, /^limit\.time$/],
  ['exit', [], 1, /^plugin\.exit$/],
  ['trap', [], 1, /^plugin\.trap$/],
] as const)('an Extism plugin: %s %j → exit code %i', async (name, flags, code, error) => {
  await using workspace = await openWorkspace()
  const file = await workspace.write(`${name}.wasm`, await modules[name]())
  const result = await bulkhead(['run', file, 'go', '--raw', '--json', ...flags], workspace)
  expect(result.json().error.code).toMatch(error)
  expect(result.json().error.hint).not.toBe('')
  expect(result).toMatchObject({ code, err: '' })
})

test('an Extism plugin that follows a redirect off its allowed hosts → exit code 4', async () => {
  await using workspace = await openWorkspace()
  await using elsewhere = await openLoopbackServer((_request, response) => response.end('reached'))
  await using server = await openLoopbackServer((_request, response) =>
    response.writeHead(302, { location: `${elsewhere.origin}/secret` }).end(),
  )
  const json = JSON.stringify({ method: 'GET', url: `${server.origin}/` })
  const imports = '(import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))'
  const body = `(func (export "go") (result i32) (local $reply i64)
    (local.set $reply (call $http (call $block (i32.const 0) (i32.const ${json.length})) (i64.const 0)))
    (call $output_set (local.get $reply) (call $length (local.get $reply))) (i32.const 0))`
  const file = await workspace.write('redirect.wasm', await extismModule(body, { imports, data: json }))
  const result = await bulkhead(
    ['run', file, 'go', '--raw', '--json', '--grant', `network:GET ${server.origin}/*`],
    workspace,
  )
  expect(result.json().error.code).toBe('capability.denied')
  expect(result.code).toBe(4)
})

test.each([
  ['loops in an action', 'export const go = () => { for (;;) {} }', ['--timeout', '500ms'], 5, 'limit.time'],
  ['loops at start', 'for (;;) {}\nexport const go = () => 1', ['--timeout', '500ms'], 5, 'limit.time'],
  [
    'hoards memory',
    'export const go = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)) }',
    ['--memory', '32MiB'],
    5,
    'limit.memory',
  ],
  ['recurses for ever', 'export const go = () => go() + 1', [], 5, 'limit.stack'],
  ['throws', "export const go = () => { throw new Error('no luck') }", [], 1, 'plugin.failed'],
  ['does not compile', 'export const go = (', [], 3, 'artifact.compile'],
] as const)('a script that %s', async (_name, source, flags, code, error) => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('bad.js', source)
  const result = await bulkhead(['run', file, 'go', '--json', ...flags], workspace)
  expect(result.json().error.code).toBe(error)
  expect(result.code).toBe(code)
})
