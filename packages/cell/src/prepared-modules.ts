// Modules of our own that were rewritten when the package was built: a cell program reads them instead of rewriting them
// once more. They lie beside the driver's code and are trusted as that is. What is not there is rewritten.

import { readFileSync, writeFileSync } from 'node:fs'
import type { KeptModule } from './code-cache/index.ts'

/** Where a driver's are; the URL of a folder. */
export interface PreparedModules {
  get(key: string): KeptModule | undefined
}

/** Opens a folder of them. */
export const openPreparedModules = (folder: URL): PreparedModules => ({
  get: (key) => {
    try {
      return {
        bytes: new Uint8Array(readFileSync(new URL(`${key}.wasm`, folder))),
        facts: readFileSync(new URL(`${key}.json`, folder), 'utf8'),
      }
    } catch {
      return undefined
    }
  },
})

/** Makes one in a folder, when a package is built, unless it is there. */
export const writePreparedModule = (folder: URL, key: string, make: () => KeptModule): void => {
  if (openPreparedModules(folder).get(key) !== undefined) return
  const { bytes, facts } = make()
  writeFileSync(new URL(`${key}.wasm`, folder), bytes)
  writeFileSync(new URL(`${key}.json`, folder), facts)
}
