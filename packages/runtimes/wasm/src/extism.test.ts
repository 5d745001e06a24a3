import { type Dispatch, packPayload } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { assemblyScript, callPlugin, openPlugin, wat, watFile } from '../fixtures/harness.ts'
import { extismEnvNames } from './extism/env-names.ts'

const abi = await watFile('abi')
const functions = ['text.upper']
const upper: Dispatch = async (name, { json }) =>
  name === 'text.upper'
    ? { ok: true, payload: { json: json.toUpperCase() } }
    : { ok: false, error: { code: 'function.unknown', message: name } }

test('a plugin built with the AssemblyScript PDK runs unchanged', async () => {
  const bytes = await assemblyScript('pdk-plugin')
  await using open = await openPlugin({ bytes, config: { greeting: 'Hei' } })
  expect(Object.keys(open.plugin.actions).sort()).toEqual(['count', 'echo', 'fail', 'fetch_it', 'greet'])
  const lines: string[] = []
  const log = (level: string, message: string): void => void lines.push(`${level} ${message}`)
  expect(await callPlugin(open, 'greet', { input: 'Oslo', log })).toBe('Hei, Oslo!')
  expect(lines).toEqual(['info greeting somebody'])
  expect(await callPlugin(open, 'count')).toBe('1')
  expect(await callPlugin(open, 'count')).toBe('2')
  const other = { context: { user: 'somebody-else' } }
  expect(await callPlugin(open, 'count', other)).toBe('1')
  const long = 'x'.repeat(1_000_003)
  expect(await callPlugin(open, 'echo', { input: long })).toBe(long)
  await expect(callPlugin(open, 'fail')).rejects.toMatchObject({
    code: 'plugin.trap',
    message: expect.stringContaining('not today') as string,
  })
  const asked: unknown[] = []
  const dispatch: Dispatch = async (name, payload) => {
    asked.push(name, JSON.parse(payload.json))
    return { ok: true, payload: packPayload({ status: 200, headers: {}, body: new TextEncoder().encode('hello') }) }
  }
  expect(await callPlugin(open, 'fetch_it', { input: 'https://example.com/', dispatch })).toBe('hello')
  expect(asked).toEqual(['http.request', { method: 'GET', url: 'https://example.com/', headers: { 'x-a': 'b' } }])
})

test('every name of the ABI can be imported', async () => {
  const wasmFunctions = /^(input_)?(load|store)_|^input_(length|offset)$/
  const names = extismEnvNames.filter((name) => !wasmFunctions.test(name))
  const imports = names.map((name) => `(import "extism:host/env" "${name}" (func))`)
  await using open = await openPlugin({ bytes: wat(`(module ${imports.join('')} (func (export "ok")))`) })
  expect(await callPlugin(open, 'ok')).toBe('')
})

test('memory calls keep their word', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  expect(await callPlugin(open, 'memory_round_trip')).toBe('ABCDEFGHABCDEFGH       A')
  expect(await callPlugin(open, 'nothing')).toBe('')
})

test('host functions are imports in both namespaces, and errors come back as JSON', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  expect(await callPlugin(open, 'upper', { input: '"abc"', dispatch: upper })).toBe('{"ok":"ABC"}')
  expect(await callPlugin(open, 'upper_dotted', { input: '"abc"', dispatch: upper })).toBe('{"ok":"ABC"}')
  const denied: Dispatch = async () => ({
    ok: false,
    error: { code: 'capability.denied', message: 'no', hint: 'ask', id: 'c-1' },
  })
  expect(JSON.parse(await callPlugin(open, 'upper', { dispatch: denied }))).toEqual({
    error: { code: 'capability.denied', message: 'no', hint: 'ask', id: 'c-1' },
  })
  await expect(callPlugin(open, 'upper_to_error', { dispatch: denied })).rejects.toMatchObject({
    code: 'plugin.failed',
    id: 'c-1',
  })
})

test('a result other than zero is the plugin’s failure, with its error text', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  await expect(callPlugin(open, 'fail', { input: 'no luck' })).rejects.toMatchObject({
    code: 'plugin.failed',
    message: 'no luck',
  })
  await expect(callPlugin(open, 'fail_silently')).rejects.toMatchObject({
    code: 'plugin.failed',
    message: 'fail_silently returned 7',
  })
})

test('a trap names the guest functions, innermost first', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  await expect(callPlugin(open, 'trap')).rejects.toMatchObject({
    code: 'plugin.trap',
    message: 'the plugin trapped: unreachable in inner_most < trap_here',
  })
})

test('http: status and headers follow the last request; a refusal ends the call with the host’s error', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  const input = '{"url":"https://example.com/"}'
  const ok: Dispatch = async () => ({
    ok: true,
    payload: packPayload({ status: 201, headers: { a: 'b' }, body: new Uint8Array() }),
  })
  expect(await callPlugin(open, 'status_then_headers', { input, dispatch: ok })).toBe('{"a":"b"}')
  let calls = 0
  const denied: Dispatch = async () => {
    calls++
    return { ok: false, error: { code: 'capability.denied', message: 'no', id: 'c-1' } }
  }
  await expect(callPlugin(open, 'http_twice', { input, dispatch: denied })).rejects.toMatchObject({
    code: 'capability.denied',
    id: 'c-1',
  })
  expect(calls).toBe(1)
})

test('JSON in and out, as the guest wrote it', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  expect(await callPlugin(open, 'upper', { raw: false, input: '{"a":"b"}', dispatch: upper })).toBe('{"ok":{"A":"B"}}')
  expect(await callPlugin(open, 'nothing', { raw: false })).toBe('null')
  // What is no JSON is for the host to refuse, which reads it anyway.
  expect(await callPlugin(open, 'memory_round_trip', { raw: false })).toMatch(/^ABCDEFGH/)
})

test('vars outlive instances and are bounded', async () => {
  await using open = await openPlugin({ bytes: abi, functions })
  expect(await callPlugin(open, 'keep', { input: 'kept' })).toBe('kept')
  expect(await callPlugin(open, 'keep')).toBe('kept')
  expect(await callPlugin(open, 'keep', { context: { workspace: 'other' } })).toBe('')
  await expect(callPlugin(open, 'keep', { input: 'x'.repeat(1024 * 1024) })).rejects.toMatchObject({
    code: 'limit.storage',
  })
  expect(await callPlugin(open, 'keep')).toBe('kept')
})

test('unknown imports and exports are named, with what was perhaps meant', async () => {
  const bytes = wat('(module (import "extism:host/env" "output_sett" (func)) (import "extism:host/user" "x" (func)))')
  await expect(openPlugin({ bytes })).rejects.toMatchObject({
    code: 'artifact.import-unknown',
    message:
      'the plugin imports what the host does not offer: "extism:host/env.output_sett" (did you mean output_set?); "extism:host/user.x"',
  })
  await using open = await openPlugin({ bytes: abi, functions })
  await expect(callPlugin(open, 'nothin')).rejects.toMatchObject({
    code: 'artifact.export-missing',
    hint: 'Did you mean nothing?',
  })
  await expect(callPlugin(open, 'takes_parameters')).rejects.toMatchObject({ code: 'artifact.export-missing' })
  await expect(callPlugin(open, '__proto__')).rejects.toMatchObject({ code: 'artifact.export-missing' })
})

test.for(['thread', 'inline'] as const)('200 calls at once are all answered (%s)', async (boundary) => {
  await using open = await openPlugin({ bytes: abi, functions, boundary })
  const dispatch: Dispatch = async (name, payload) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return upper(name, payload)
  }
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => callPlugin(open, 'upper', { input: `"n${index}"`, dispatch })),
  )
  expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `{"ok":"N${index}"}`))
})
