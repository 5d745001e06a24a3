// `bulkhead validate` and `show` on real manifests.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

const faulty = `manifest: 1
name: Not A Name
version: one
type: gadget
execution: { tier: script, entry: index.js }
`

test('three faults: each with its line and field, all at once, exit code 3', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('faulty/plugin.yaml', faulty)
  const text = await bulkhead(['validate', file], workspace)
  expect(text.code).toBe(3)
  for (const place of ['plugin.yaml:2  name', 'plugin.yaml:3  version', 'plugin.yaml:4  type']) {
    expect(text.out.toString()).toContain(place)
  }
  expect(text.err).toMatch(/^error: 3 faults\n/)
  const json = await bulkhead(['validate', file, '--json'], workspace)
  expect(json.json()).toMatchObject({
    ok: false,
    faults: [{ line: 2 }, { line: 3 }, { line: 4 }],
    error: { code: 'manifest.invalid' },
  })
})

test('the same faults stop run, with the same exit code', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('faulty/plugin.yaml', faulty)
  const result = await bulkhead(['run', './faulty', 'go', '--json'], { ...workspace, cwd: workspace.path })
  expect(result.json().error).toMatchObject({
    code: 'manifest.invalid',
    message: expect.stringContaining('plugin.yaml:3') as string,
  })
  expect(result.code).toBe(3)
})

test('a good plugin shows its actions, and a broad permission is a warning', async () => {
  await using workspace = await openWorkspace()
  const good = `manifest: 1\nname: good\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: index.js }\n`
  await workspace.write('good/plugin.yaml', good)
  await workspace.write('good/index.js', 'export const go = () => 1')
  const options = { ...workspace, cwd: workspace.path }
  const silent = await bulkhead(['validate', './good'], options)
  expect(silent).toMatchObject({ code: 0, err: '' })
  expect(silent.out.toString()).toBe('good 1.0.0\n  go(anything) → anything\n')
  await workspace.write('broad/plugin.yaml', `${good}permissions: { network: ["*"] }\n`)
  await workspace.write('broad/index.js', 'export const go = () => 1')
  const broad = await bulkhead(['validate', './broad', '--json'], options)
  expect(broad.code).toBe(0)
  expect(broad.json()['warnings']).not.toEqual([])
  const shown = await bulkhead(['show', './broad'], options)
  expect(shown.out.toString()).toContain('Warnings')
})

test.each([
  ['tier: container, entry: tool', 'this build does not have the tier container'],
  ['tier: process, entry: tool', 'execution.protocol is missing, and the plugin will not run without'],
  ['entry: index.js }\nengine: ">=9"\nconfig: {', 'the plugin needs Bulkhead >=9'],
])('what this build lacks is a warning: %s', async (execution, warning) => {
  await using workspace = await openWorkspace()
  await workspace.write('p/plugin.yaml', `name: p\nversion: 1.0.0\ntype: tool\nexecution: { ${execution} }\n`)
  const result = await bulkhead(['validate', './p'], { ...workspace, cwd: workspace.path })
  expect(result.err).toContain(warning)
  expect(result.code).toBe(0)
})

test.each([
  ['{ write: [./out] }', true],
  ['{ write: [./out/*], read: [./data] }', true],
  ['{ write: [./out/now], read: [./out] }', false],
  ['[./out]', false],
])('a program that asks to write and not to read is warned: %s', async (filesystem, isWarned) => {
  await using workspace = await openWorkspace()
  const execution = '{ tier: process, protocol: jsonrpc, entry: tool }'
  await workspace.write(
    'p/plugin.yaml',
    `name: p\nversion: 1.0.0\ntype: tool\nexecution: ${execution}\npermissions: { filesystem: ${filesystem} }\n`,
  )
  const { code, err } = await bulkhead(['validate', './p'], { ...workspace, cwd: workspace.path })
  expect(code).toBe(0)
  expect(err.includes('asks to write ./out and not to read it')).toBe(isWarned)
})

test('show tells how an example runs, and what it asks for', async () => {
  await using workspace = await openWorkspace()
  const { code, out } = await bulkhead(['show', './examples/http-fetch'], workspace)
  expect(code).toBe(0)
  for (const text of ['http-fetch 1.0.0', 'Asks for', 'network:GET https://*', 'boundary', 'page(', 'url: string']) {
    expect(out.toString()).toContain(text)
  }
})
