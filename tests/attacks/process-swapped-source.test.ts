// Sources of a TypeScript plugin for a Node process that change on the disk after they were hashed: what is bundled is what
// was hashed, and nothing is read again.

import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PluginArtifact } from '@bulkhead/kernel'
import { makeProcessRuntime } from '@bulkhead/runtime-process'
import { expect, test } from 'vitest'
import { callScript, makeManifest } from '../../packages/runtimes/script/test/fixtures.ts'
import { defaultLimits } from '@bulkhead/kernel'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('a source that was swapped, and one that was added, take no part', async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-swapped-')))
  try {
    await writeFile(join(root, 'main.ts'), 'export const which = () => "swapped entry"')
    await writeFile(join(root, 'lib.ts'), 'export const which = "swapped"')
    await writeFile(join(root, 'added.ts'), 'export const which = "added"')
    const load = async (main: string) => {
      const { execution, ...manifest } = makeManifest()
      const artifact: PluginArtifact = {
        manifest: { ...manifest, execution: { ...execution, tier: 'process' } },
        digest: main,
        entry: 'main.ts',
        entryBytes: bytes(main),
        root,
        files: new Map([
          ['main.ts', bytes(main)],
          ['lib.ts', bytes('export const which = "hashed"')],
        ]),
        modules: [],
      }
      return runtime.load(artifact, {
        boundary: 'thread',
        domain: 'test',
        limits: defaultLimits,
        config: {},
        functions: [],
        log: () => undefined,
      })
    }
    await using runtime = makeProcessRuntime({ hostVersion: '0.1.0' })
    await using plugin = await load(`import { which } from './lib.ts'\nexport const run = () => which`)
    expect(await callScript(plugin, 'run')).toBe('hashed')
    await expect(load(`import './added.ts'`)).rejects.toMatchObject({ code: 'artifact.compile' })
  } finally {
    await rm(root, { recursive: true })
  }
})
