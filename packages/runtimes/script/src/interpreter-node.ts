// The interpreter as it comes from its package, with a memory that starts small.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { lowerMemoryImport } from '@bulkhead/meter'
import { minimumPages } from './engine/minimum-pages.ts'

/** Its module, not rewritten yet. */
export const readInterpreter = async (): Promise<Uint8Array> => {
  const path = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')
  return lowerMemoryImport(await readFile(path), minimumPages)
}
