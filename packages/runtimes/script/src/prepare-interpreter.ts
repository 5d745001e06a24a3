// Run by the build of the repository: rewrites the interpreters once, so that no cell program has to. Quick when it is done.

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { prepareModule, rewriteOptions } from '@bulkhead/cell'
import { builtLanguages } from './abi/languages.ts'
import { interpreterOptions, preparedFolder } from './engine/prepared.ts'
import { readBuilt, readQuickJs } from './interpreter-node.ts'

mkdirSync(preparedFolder, { recursive: true })
const built = await Promise.allSettled(Object.values(builtLanguages).map(readBuilt))
// What is not installed has no plugins to run.
const interpreters = [
  await readQuickJs(),
  ...built.flatMap((read) => (read.status === 'fulfilled' ? [read.value] : [])),
]
// Plugins whose fuel is counted have a module of their own; how much they have plays no part.
const keys = interpreters.flatMap((bytes) =>
  [undefined, 1].map((fuel) =>
    prepareModule(preparedFolder, bytes, rewriteOptions(interpreterOptions, { limits: { memoryBytes: 0, fuel } })),
  ),
)
for (const name of readdirSync(preparedFolder)) {
  if (!keys.some((key) => name.startsWith(key))) rmSync(new URL(name, preparedFolder))
}
