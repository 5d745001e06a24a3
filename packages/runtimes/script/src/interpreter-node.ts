// The interpreters as they come from their packages, not rewritten yet.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { BulkheadError } from '@bulkhead/kernel'
import { lowerMemoryImport } from '@bulkhead/meter'
import type { BuiltLanguage } from './abi/languages.ts'
import { minimumPages } from './engine/minimum-pages.ts'

const resolve = (specifier: string): string => createRequire(import.meta.url).resolve(specifier)

/** QuickJS, with a memory that starts small. */
export const readQuickJs = async (): Promise<Uint8Array> =>
  lowerMemoryImport(await readFile(resolve('@jitl/quickjs-wasmfile-release-sync/wasm')), minimumPages)

/** One that we build ourselves. @throws BulkheadError `runtime.missing` where it is not installed */
export const readBuilt = async ({ package: name, title }: BuiltLanguage): Promise<Uint8Array> => {
  try {
    return new Uint8Array(await readFile(resolve(`${name}/wasm`)))
  } catch (cause) {
    throw new BulkheadError('runtime.missing', `${title} is not installed`, { cause, hint: `Install ${name}.` })
  }
}
