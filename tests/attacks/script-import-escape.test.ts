// Imports that reach for files outside the plugin's folder, and configuration that would lead the bundler there.

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript, openFolder } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const secret = 'export const secret = "the host’s own"'
const run = 'export const run = () => JSON.stringify(secret)'

describe('names', () => {
  test.each([
    ['../outside.ts', 'artifact.outside'],
    ['./a/../../outside.ts', 'artifact.outside'],
    ['/etc/passwd', 'artifact.outside'],
    ['file:///etc/passwd', 'artifact.outside'],
    ['C:\\\\windows\\\\win.ini', 'artifact.outside'],
    ['..', 'artifact.outside'],
    ['node:fs', 'artifact.compile'],
    ['fs', 'artifact.compile'],
    ['fs/promises', 'artifact.compile'],
    ['https://example.com/x.js', 'artifact.compile'],
    ['data:text/javascript,export const secret = 1', 'artifact.compile'],
    ['esbuild', 'artifact.compile'],
    ['@bulkhead/kernel', 'artifact.compile'],
    ['@bulkhead/sdk/../../../etc/passwd', 'artifact.compile'],
    ['#inside', 'artifact.compile'],
  ])('%s is refused with %s', async (name, code) => {
    await using outer = await openFolder({ 'outside.ts': secret, 'plugin/a/x.ts': '' })
    const root = join(outer.path, 'plugin')
    for (const line of [
      `import * as secret from "${name}"`,
      `const secret = require("${name}")`,
      `const secret = await import("${name}")`,
    ]) {
      await expect(loadScript(runtime, `${line}\n${run}`, { root })).rejects.toMatchObject({ code })
    }
    // A lone file has no folder at all.
    await expect(loadScript(runtime, `import * as secret from "${name}"\n${run}`)).rejects.toMatchObject({ code })
  })

  test('the error names the import and the importer', async () => {
    await using folder = await openFolder({ 'lib/deep.ts': `import '../../outside.ts'` })
    await expect(loadScript(runtime, `import './lib/deep.ts'`, { root: folder.path })).rejects.toMatchObject({
      code: 'artifact.outside',
      details: { importer: 'lib/deep.ts', import: '../../outside.ts' },
    })
  })
})

describe('links', () => {
  test('a link to a file or a folder outside is refused, one inside is followed', async () => {
    await using outer = await openFolder({
      'outside.ts': secret,
      'out/secret.ts': secret,
      'plugin/real/inside.ts': secret,
    })
    const root = join(outer.path, 'plugin')
    await symlink('../outside.ts', join(root, 'file.ts'))
    await symlink('../out', join(root, 'folder'))
    await symlink('real', join(root, 'alias'))
    for (const name of ['./file.ts', './file', './folder/secret.ts']) {
      await expect(loadScript(runtime, `import { secret } from '${name}'\n${run}`, { root })).rejects.toMatchObject({
        code: 'artifact.outside',
      })
    }
    await using plugin = await loadScript(runtime, `import { secret } from './alias/inside.ts'\n${run}`, { root })
    expect(await callScript(plugin, 'run')).toContain('own')
  })

  test('a link of node_modules to the outside is refused', async () => {
    await using outer = await openFolder({
      'pkg/package.json': '{"main":"index.js"}',
      'pkg/index.js': secret,
      'plugin/x.ts': '',
    })
    const root = join(outer.path, 'plugin')
    await symlink('..', join(root, 'node_modules'))
    await expect(loadScript(runtime, `import { secret } from 'pkg'\n${run}`, { root })).rejects.toMatchObject({
      code: 'artifact.outside',
    })
  })
})

describe('configuration', () => {
  test.each([
    ['main', { main: '../../../outside.js' }],
    ['module', { module: '/etc/passwd' }],
    ['exports', { exports: './../../../outside.js' }],
    ['exports with a star', { exports: { '.': './*' } }],
  ])('package.json %s leads nowhere outside', async (_name, description) => {
    await using outer = await openFolder({
      'outside.js': secret,
      'plugin/node_modules/pkg/package.json': JSON.stringify(description),
    })
    await expect(
      loadScript(runtime, `import { secret } from 'pkg'\n${run}`, { root: join(outer.path, 'plugin') }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^artifact\./) })
  })

  test('tsconfig, package.json and JSX settings are not obeyed, here or above', async () => {
    await using outer = await openFolder({
      'outside.ts': secret,
      'tsconfig.json': '{"compilerOptions":{"paths":{"secret":["./outside.ts"]},"baseUrl":"."}}',
      'package.json': '{"imports":{"#secret":"./outside.ts"},"browser":{"./lib.ts":"./outside.ts"}}',
      'node_modules/above/index.js': secret,
      'plugin/tsconfig.json': '{"extends":"../tsconfig.json","compilerOptions":{"paths":{"secret":["../outside.ts"]}}}',
      'plugin/package.json': '{"imports":{"#secret":"../outside.ts"},"browser":{"./lib.ts":"../outside.ts"}}',
      'plugin/lib.ts': 'export const secret = "inside"',
    })
    const root = join(outer.path, 'plugin')
    for (const name of ['secret', '#secret', 'outside', 'outside.ts', 'above']) {
      await expect(loadScript(runtime, `import { secret } from '${name}'\n${run}`, { root })).rejects.toMatchObject({
        code: 'artifact.compile',
      })
    }
    await using plugin = await loadScript(runtime, `import { secret } from './lib.ts'\n${run}`, { root })
    expect(await callScript(plugin, 'run')).toBe('"inside"')
    await expect(
      loadScript(runtime, `/** @jsxRuntime automatic @jsxImportSource ../.. */\nexport const run = () => <a/>`, {
        root,
        entry: 'main.tsx',
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/^artifact\./) })
  })

  test('a source map comment reads no file', async () => {
    const map = { version: 3, sources: ['x.ts'], sourcesContent: ['TOP SECRET'], names: [], mappings: 'AAAA' }
    await using outer = await openFolder({ 'secret.map': JSON.stringify(map), 'plugin/x.ts': '' })
    const root = join(outer.path, 'plugin')
    const source = `export const run = () => { throw new Error('x') }\n//# sourceMappingURL=${join(outer.path, 'secret.map')}`
    await using plugin = await loadScript(runtime, source, { root, entry: 'main.mjs' })
    const error = await callScript(plugin, 'run').catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error)).not.toContain('SECRET')
  })

  test('files of other kinds are not taken in', async () => {
    await using folder = await openFolder({ 'data.bin': 'x', 'style.css': '@import "/etc/passwd";' })
    for (const name of ['./data.bin', './style.css']) {
      await expect(
        loadScript(runtime, `import x from '${name}'\nexport const run = () => x`, { root: folder.path }),
      ).rejects.toMatchObject({
        code: 'artifact.compile',
      })
    }
  })
})
