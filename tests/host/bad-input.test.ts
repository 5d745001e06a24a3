// Bad input of every kind gets a typed error with a hint, and the next call is answered.

import { BulkheadError, errorTable, openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { echoModule, extismModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run()
    return 'none'
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError)) throw thrown
    expect(Object.keys(errorTable)).toContain(thrown.code)
    expect(thrown.hint).not.toBe('')
    expect(thrown.message).not.toBe('')
    return thrown.code
  }
}

const schemaManifest = `
manifest: 1
name: strict
version: 1.0.0
type: tool
execution: { tier: script, entry: index.js }
actions:
  size:
    input: { type: object, properties: { items: { type: array, items: { type: object, properties: { name: { type: string } } } } }, required: [items], additionalProperties: false }
    output: { type: number }
  lie:
    output: { type: number }
`

test('bad input to a call', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('plugins/strict/plugin.yaml', schemaManifest)
  await workspace.write(
    'plugins/strict/index.js',
    "export const size = ({ items }) => items.length\nexport const lie = () => 'no number'",
  )
  await workspace.write('plugins/echo.wasm', await echoModule())
  await workspace.write('plugins/loose.js', 'export const keys = (input) => Object.keys(input)')
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
  })
  const ok = async () => expect(await host.call('strict', 'size', { items: [{ name: 'a' }] })).toBe(1)

  expect(await codeOf(() => host.call('strikt', 'size'))).toBe('plugin.unknown')
  await expect(host.call('strikt', 'size')).rejects.toMatchObject({ hint: expect.stringContaining('strict') })
  expect(await codeOf(() => host.call('strict', 'siez'))).toBe('action.unknown')
  await expect(host.call('strict', 'siez')).rejects.toMatchObject({ hint: expect.stringContaining('size') })
  await expect(host.call('strict', 'size', { items: [{ name: 'a' }, { name: 7 }] })).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('items[1].name'),
  })
  expect(await codeOf(() => host.call('strict', 'size', {}))).toBe('input.invalid')
  expect(await codeOf(() => host.call('strict', 'lie'))).toBe('output.invalid')
  expect(await codeOf(() => host.call('echo', 'missing'))).toMatch(/^(artifact.export-missing|action.unknown)$/)
  expect(await codeOf(() => host.call('loose', 'keys', { big: 10n }))).toBe('input.not-json')
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  expect(await codeOf(() => host.call('loose', 'keys', circle))).toBe('input.not-json')
  let deep: unknown = 1
  for (let index = 0; index < 50_000; index++) deep = [deep]
  expect(await codeOf(() => host.call('loose', 'keys', deep))).toBe('input.too-deep')
  expect(await codeOf(() => host.call('loose', 'keys', { text: 'x'.repeat(100 * 1024 * 1024) }))).toBe(
    'input.too-large',
  )
  expect(await host.call('loose', 'keys', JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'))).toEqual([
    '__proto__',
    'constructor',
  ])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  await ok()
})

test.each([
  ['not-wasm.wasm', new TextEncoder().encode('#!/bin/sh\n'), 'artifact.not-wasm'],
  ['empty.wasm', new Uint8Array(), 'artifact.not-wasm'],
  ['syntax.js', 'export const = ', 'artifact.compile'],
  ['outside.ts', "import x from '../../../../etc/passwd'\nexport const a = () => x", 'artifact.outside'],
  [
    'builtin.ts',
    "import { readFileSync } from 'node:fs'\nexport const a = () => readFileSync('/etc/passwd')",
    'artifact.',
  ],
])('an artifact that cannot be used: %s', async (name, content, code) => {
  await using workspace = await openWorkspace()
  const path = await workspace.write(name, content)
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path })
  expect(await codeOf(() => host.loadPlugin(path))).toContain(code)
})

test('a truncated module is refused wherever it was cut', async () => {
  await using workspace = await openWorkspace()
  const whole = await echoModule()
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path })
  for (const part of [0.1, 0.5, 0.9, 0.99]) {
    const path = await workspace.write(`cut-${part * 100}.wasm`, whole.subarray(0, Math.floor(whole.length * part)))
    expect(await codeOf(() => host.loadPlugin(path))).toMatch(/^artifact\.(invalid|not-wasm)$/)
  }
})

test('an import that nobody offers is named', async () => {
  await using workspace = await openWorkspace()
  const path = await workspace.write(
    'wild.wasm',
    await extismModule('(func (export "run"))', { imports: '(import "env" "launch_missiles" (func))' }),
  )
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path })
  await expect(host.loadPlugin(path)).rejects.toMatchObject({
    code: 'artifact.import-unknown',
    message: expect.stringContaining('launch_missiles'),
  })
})

test('missing files and unusable paths', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('empty/readme.txt', 'x')
  await workspace.write('two/plugin.yaml', 'name: a')
  await workspace.write('two/plugin.json', '{}')
  await workspace.write(
    'gone/plugin.yaml',
    'manifest: 1\nname: gone\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: nowhere.js }\n',
  )
  await workspace.write(
    'bare/plugin.yaml',
    'manifest: 1\nname: bare\nversion: 1.0.0\ntype: tool\nexecution: { tier: script }\n',
  )
  const text = await workspace.write('notes.txt', 'x')
  await using host = await openHost({ home: workspace.home, workspaceRoot: workspace.path })
  expect(await codeOf(() => host.loadPlugin(`${workspace.path}/nowhere`))).toBe('artifact.missing')
  expect(await codeOf(() => host.loadPlugin(`${workspace.path}/empty`))).toBe('manifest.missing')
  expect(await codeOf(() => host.loadPlugin(`${workspace.path}/two`))).toBe('manifest.ambiguous')
  expect(await codeOf(() => host.loadPlugin(`${workspace.path}/gone`))).toBe('artifact.missing')
  expect(await codeOf(() => host.loadPlugin(`${workspace.path}/bare`))).toBe('artifact.missing')
  expect(await codeOf(() => host.loadPlugin(text))).toBe('manifest.missing')
  expect(await codeOf(() => openHost({ home: workspace.home, plugins: [`${workspace.path}/nowhere`] }))).toBe(
    'artifact.missing',
  )
  expect(
    await codeOf(() => openHost({ home: workspace.home, policy: { grants: { x: ['netwrok:https://a'] } } })),
  ).toMatch(/^(capability|config)\.invalid$|none/)
  expect(await codeOf(() => openHost({ home: workspace.home, policy: { grants: { x: [''] } } }))).toBe(
    'capability.invalid',
  )
  expect(await codeOf(() => openHost({ home: workspace.home, policy: { granst: {} } as never }))).toBe('config.invalid')
})

test.each([
  [{ plugin: ['./x'] }, /no option "plugin"/],
  [{ plugins: './x' }, /plugins/],
  [{ home: 7 }, /home/],
  [{ secrets: { KEY: 7 } }, /secrets/],
  [{ functions: [{}] }, /functions.0/],
  [{ policy: { grant: {} } }, /policy: /],
  [{ policy: { grants: { x: ['network:GTE https://x/'] } } }, /GTE/],
  [{ policy: { limits: { fuel: 1.5 } } }, /fuel/],
  [{ policy: { features: { simd: true } } }, /simd/],
])('an option of openHost that cannot be: %j', async (options, message) => {
  await using workspace = await openWorkspace()
  const opening = openHost({ home: workspace.home, ...options } as never)
  await expect(opening).rejects.toMatchObject({
    code: expect.stringMatching(/^(config|capability)\.invalid$/),
    message: expect.stringMatching(message),
  })
})
