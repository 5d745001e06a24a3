// A source file that is swapped between the moment the plugin was hashed and the moment it is bundled must not run under
// the digest that somebody approved.

import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultLimits, type PluginArtifact, parseManifest } from '@bulkhead/kernel'
import { makeScriptRuntime } from '@bulkhead/runtime-script'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

test('a swapped import is refused, an unswapped one runs', async () => {
  await using workspace = await openWorkspace()
  await using runtime = makeScriptRuntime()
  const helper = "export const word = 'honest'"
  await workspace.write('p/helper.ts', helper)
  const entry = "import { word } from './helper.ts'\nexport const say = () => word"
  await workspace.write('p/index.ts', entry)
  const { manifest } = await parseManifest({
    file: 'plugin.yaml',
    text: 'manifest: 1\nname: p\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: index.ts }\n',
  })
  if (manifest === undefined) throw new Error('the manifest is refused')
  const artifact = (digest: string): PluginArtifact => ({
    manifest,
    digest,
    entry: 'index.ts',
    entryBytes: new TextEncoder().encode(entry),
    root: join(workspace.path, 'p'),
    sources: new Map([
      ['index.ts', sha256(entry)],
      ['helper.ts', sha256(helper)],
    ]),
    modules: [],
  })
  const options = {
    boundary: 'thread',
    domain: 'test',
    limits: defaultLimits,
    config: {},
    functions: [],
    log: () => {},
  } as const
  await using loaded = await runtime.load(artifact('one'), options)
  expect(Object.keys(loaded.actions)).toEqual(['say'])

  await writeFile(join(workspace.path, 'p/helper.ts'), "export const word = 'evil'")
  await expect(runtime.load(artifact('two'), options)).rejects.toMatchObject({ code: 'artifact.invalid' })
})
