// Bad input on the command line: a typed error with a hint, one document, exit code 2 or 3, and never a stack trace.

import { symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { echoModule } from '../support/modules.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const prepare = async (workspace: Workspace): Promise<void> => {
  const echo = await echoModule()
  await workspace.write('echo.js', 'export const echo = (input) => input')
  await workspace.write('echo.wasm', echo)
  await workspace.write('text.wasm', 'this is no module')
  await workspace.write('cut.wasm', echo.subarray(0, echo.length - 20))
  await workspace.write('notes.txt', 'not a plugin')
  await workspace.write('empty/readme.md', '')
  await workspace.write('huge.json', '"')
  // A sparse file: 100 MB that take no space.
  await truncate(join(workspace.path, 'huge.json'), 100_000_000)
  await symlink('gone', join(workspace.path, 'dangling.js'))
}

test.each([
  [['run', './echo.js', 'echo', '-i', '{'], 2, 'input.not-json'],
  [['run', './echo.js', 'echo', '-f', 'huge.json'], 2, 'input.too-large'],
  [['run', './echo.js', 'echo', '-f', 'gone.json'], 2, 'usage.invalid'],
  [['run', './echo.js', 'echo', '-f', '.'], 2, 'usage.invalid'],
  [['run', './echo.js', 'ecoh'], 2, 'action.unknown'],
  [['run', './echo.js', 'echo', '-g', 'netwrk:'], 2, 'capability.invalid'],
  [['run', './text.wasm', 'go', '--raw'], 3, 'artifact.not-wasm'],
  [['run', './cut.wasm', 'go', '--raw'], 3, 'artifact.invalid'],
  [['run', './echo.wasm', 'missing', '--raw'], undefined, /^(?:artifact\.export-missing|action\.unknown)$/],
  [['run', './gone', 'go'], 3, 'artifact.missing'],
  [['run', './dangling.js', 'go'], 3, 'artifact.missing'],
  [['run', './notes.txt', 'go'], 3, 'manifest.missing'],
  [['run', './empty', 'go'], 3, 'manifest.missing'],
  [['run', 'nobody', 'go'], 2, 'plugin.unknown'],
  [['show', './gone'], 3, 'artifact.missing'],
  [['validate', './gone'], 3, 'artifact.missing'],
  [['trust'], 3, 'artifact.missing'],
] as const)('%j', async (argv, code, error) => {
  await using workspace = await openWorkspace()
  await prepare(workspace)
  const result = await bulkhead([...argv, '--json'], { ...workspace, cwd: workspace.path })
  const { ok, error: found } = result.json()
  expect(ok).toBe(false)
  if (typeof error === 'string') expect(found.code).toBe(error)
  else expect(found.code).toMatch(error)
  expect(found.hint).not.toBe('')
  expect(found.message).not.toBe('')
  expect(result.err).toBe('')
  if (code !== undefined) expect(result.code).toBe(code)
})

test.each([
  ['nesting of 50,000', '['.repeat(50_000) + ']'.repeat(50_000), 'input.too-deep'],
  ['bytes that are not UTF-8', new Uint8Array([34, 255, 34]), 'input.not-json'],
  ['nothing', '', 'input.not-json'],
])('stdin: %s', async (_name, stdin, code) => {
  await using workspace = await openWorkspace()
  await prepare(workspace)
  const result = await bulkhead(['run', './echo.js', 'echo', '-', '--json'], {
    ...workspace,
    cwd: workspace.path,
    stdin,
  })
  expect(result.json().error.code).toBe(code)
  expect(result.code).toBe(2)
})

test('a __proto__ key is data on the way in and out, and pollutes nothing', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'keys.js',
    'export const keys = (input) => ({ keys: Object.keys(input), polluted: ({}).x ?? null, back: input })',
  )
  const args = ['run', './keys.js', 'keys', '-i', '{"__proto__":{"x":1},"a":1}', '--json']
  const result = await bulkhead(args, { ...workspace, cwd: workspace.path })
  expect(result.json()).toMatchObject({ ok: true, output: { keys: ['__proto__', 'a'], polluted: null } })
  expect(result.out.toString()).toContain('"back":{"__proto__":{"x":1},"a":1}')
})

test('an action that the manifest declares and the source does not export: the error says so', async () => {
  await using workspace = await openWorkspace()
  const manifest = 'name: p\nversion: 1.0.0\ntype: tool\nexecution: { entry: index.js }\nactions: { forecast: {} }\n'
  await workspace.write('p/plugin.yaml', manifest)
  await workspace.write('p/index.js', 'export const forcast = () => 1')
  const result = await bulkhead(['run', './p', 'forecast', '--json'], { ...workspace, cwd: workspace.path })
  expect(result.json().error).toMatchObject({
    code: 'action.unknown',
    message: 'p exports no action "forecast"',
    hint: expect.stringContaining('export a function of that name') as string,
  })
  expect(result.code).toBe(2)
})
