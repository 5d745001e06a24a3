// Writes a plugin of the protocol go-plugin that runs in Node, without Go: packages/go-plugin/peers/fake-plugin.ts with what it
// imports, in a folder with a manifest.

import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const files = ['peers/fake-plugin.ts', 'peers/fake-services.ts', 'peers/fake-wire.ts', 'src/certificate.ts']
const source = fileURLToPath(new URL('../../packages/go-plugin/', import.meta.url))

/** What is said of one. */
export interface FakeGoPlugin {
  readonly name: string
  /** How it misbehaves; it behaves when absent. */
  readonly mode?: string
  /** Its second argument; its name when absent. */
  readonly detail?: string
  /** YAML below `execution`, indented by two. */
  readonly execution?: string
  /** YAML at the top. */
  readonly more?: string
}

/** Writes it into a folder of its own below `folder`, and tells which. */
export const writeFakeGoPlugin = (folder: string, fake: FakeGoPlugin): string => {
  const { name, mode = 'behaves', detail = name, execution = '', more = '' } = fake
  const at = join(folder, name)
  for (const file of files) {
    mkdirSync(dirname(join(at, file)), { recursive: true })
    cpSync(join(source, file), join(at, file))
  }
  writeFileSync(join(at, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(at, 'main.mjs'),
    `process.argv.splice(2, 2, ${JSON.stringify(mode)}, ${JSON.stringify(detail)})\nawait import('./peers/fake-plugin.ts')\n`,
  )
  writeFileSync(
    join(at, 'plugin.yaml'),
    `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: process\n  protocol: go-plugin\n  entry: main.mjs\n  limits: { memory: 200MiB }\n${execution}${more}`,
  )
  return at
}
