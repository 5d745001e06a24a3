// Run by the build of the repository: rewrites the interpreter once, so that no cell program has to. Quick when it is done.

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { prepareModule, rewriteOptions } from '@bulkhead/cell'
import { interpreterOptions, preparedFolder } from './engine/prepared.ts'
import { readInterpreter } from './interpreter-node.ts'

mkdirSync(preparedFolder, { recursive: true })
const bytes = await readInterpreter()
// Plugins whose fuel is counted have a module of their own; how much they have plays no part.
const keys = [undefined, 1].map((fuel) =>
  prepareModule(preparedFolder, bytes, rewriteOptions(interpreterOptions, { limits: { memoryBytes: 0, fuel } })),
)
for (const name of readdirSync(preparedFolder)) {
  if (!keys.some((key) => name.startsWith(key))) rmSync(new URL(name, preparedFolder))
}
