// `bulkhead run` on real plugins of both tiers, as a user starts it.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { echoModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

test('a folder with a TypeScript plugin', async () => {
  await using workspace = await openWorkspace()
  const args = ['run', './examples/text-tools', 'slugify', '--input', '{"text":"Call me Ishmael"}']
  const result = await bulkhead([...args, '--json'], workspace)
  expect(result).toMatchObject({ code: 0, err: '' })
  expect(result.json()).toMatchObject({ ok: true, metrics: { hostCalls: 0, callMs: expect.any(Number) as number } })
  const text = await bulkhead(args, workspace)
  expect(text.out.toString()).toContain('call-me-ishmael')
})

test('a folder with a wasm plugin', async () => {
  await using workspace = await openWorkspace()
  const args = ['run', './examples/word-count-wasm', 'count', '--input', '{"text":"one two two"}', '--json']
  const result = await bulkhead(args, workspace)
  expect(result.json()).toMatchObject({ ok: true, output: { words: 3 } })
  expect(result.code).toBe(0)
})

test('a lone .ts file, with and without its action, and with a dash', async () => {
  await using workspace = await openWorkspace()
  const roman = await bulkhead(
    ['run', './examples/scripts/roman.ts', 'toRoman', '-i', '{"number":2026}', '--json'],
    workspace,
  )
  expect(roman.json()).toMatchObject({ ok: true, output: { roman: 'MMXXVI' } })
  const file = await workspace.write('shout.ts', 'export const shout = (text: string): string => text.toUpperCase()')
  const shout = await bulkhead(['run', file, '-'], { ...workspace, stdin: '"ahoy"' })
  expect(shout).toMatchObject({ code: 0, err: '' })
  expect(shout.out.toString()).toBe('AHOY\n')
})

test('a lone .wasm file, bytes in and out', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('echo.wasm', await echoModule())
  const stdin = new Uint8Array([0, 255, 10, 27, 128])
  const raw = await bulkhead(['run', file, 'echo', '--raw', '-'], { ...workspace, stdin })
  expect(raw).toMatchObject({ code: 0, err: '' })
  expect([...raw.out]).toEqual([...stdin])
  const json = await bulkhead(['run', file, 'echo', '--raw', '-', '--json'], { ...workspace, stdin })
  expect(json.json()).toMatchObject({ ok: true, output: Buffer.from(stdin).toString('base64') })
})

test('an installed plugin by its name, and the nearest name for a misspelt one', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('home/plugins/greeter.js', 'export const greet = (name) => `Hello ${name}`')
  const result = await bulkhead(['run', 'greeter', 'greet', '-i', '"Ada"'], workspace)
  expect(result.out.toString()).toBe('Hello Ada\n')
  const wrong = await bulkhead(['run', 'greetr', 'greet', '--json'], workspace)
  expect(wrong.code).toBe(2)
  expect(wrong.json().error).toMatchObject({
    code: 'plugin.unknown',
    hint: expect.stringContaining('greeter') as string,
  })
})

test('without a grant a host call is denied with exit code 4, with it the call is made', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/notes.txt', 'land ahoy')
  const file = await workspace.write('read.ts', "export const read = async () => host.fs.readText('./data/notes.txt')")
  const options = { ...workspace, cwd: workspace.path }
  const denied = await bulkhead(['run', file, 'read', '--json'], options)
  expect(denied.json().error).toMatchObject({ code: 'capability.denied' })
  expect(denied.code).toBe(4)
  const granted = await bulkhead(['run', file, 'read', '--json', '--grant', 'filesystem.read:./data'], options)
  expect(JSON.stringify(granted.json())).toContain('land ahoy')
  expect(granted.code).toBe(0)
})

test('the log of a plugin goes to stderr, escaped', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('log.js', "export const go = () => { console.log('a\\u001b[2Jb'); return 1 }")
  const result = await bulkhead(['run', file, '--json'], workspace)
  expect(result.json()).toMatchObject({ ok: true, output: 1 })
  expect(result.err).toContain('a\\x1b[2Jb')
})
