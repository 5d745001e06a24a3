// Sources that name a source map outside the plugin's folder: esbuild itself would open whatever file a `file:` URL
// names, and mix a map that it finds there into the bundle's own.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { bundleSources } from '../../packages/bundle/src/bundle.ts'
import { makeMemoryTree } from '../../packages/bundle/src/source-tree.ts'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { openFolder } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const map = JSON.stringify({
  version: 3,
  sources: ['plugin:secret.ts'],
  sourcesContent: ['the content of a file of the host'],
  mappings: 'AAAA;AAAA;AAAA',
  names: [],
})

test.each([
  ['one comment', (url: string) => `export const a = 1\nexport const b = 2\n//# sourceMappingURL=${url}`],
  ['two comments', (url: string) => `//# sourceMappingURL=${url}\nexport const a = 1\n//@ sourceMappingURL=${url}\n`],
  ['a block comment', (url: string) => `export const a = 1\nexport const b = 2 /*# sourceMappingURL=${url} */`],
])('no map of the host is read (%s)', async (_name, source) => {
  await using folder = await openFolder({})
  const path = join(folder.path, 'outside.map')
  await writeFile(path, map)
  for (const entry of ['main.ts', 'main.js', 'main.tsx']) {
    const bytes = new TextEncoder().encode(source(pathToFileURL(path).href))
    const bundle = await bundleSources({ entry, tree: makeMemoryTree(new Map([[entry, bytes]])) })
    expect(bundle.map).not.toContain('secret')
    expect(bundle.map).not.toContain('the content of a file')
    expect(bundle.map).toContain(`plugin:${entry}`)
  }
})
