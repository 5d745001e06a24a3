// How Node is started for a plugin of the SDK.

import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Program } from '../program.ts'

const MiB = 1024 * 1024
/** Of V8's heap for new objects, which fills before it is looked through: more is quicker and takes more. MiB. */
const youngest = { least: 1, most: 16, shareOfLimit: 1 / 32 }
/** How a process ends in which V8 found no room: it aborts (signal 6). */
const abortedCode = 134

/**
 * The program for a bootstrap that lies in a pinned folder. Node's own permissions are a second wall behind the sandbox: no
 * files but that folder, no network, processes, threads, native modules. They cost nothing that could be measured.
 */
export const nodeProgram = (
  bootstrap: string,
  { memoryBytes, areas }: { readonly memoryBytes: number; readonly areas: readonly string[] },
): Program => {
  const node = realpathSync(process.execPath)
  const memoryMiB = memoryBytes / MiB
  const young = Math.min(Math.max(memoryMiB * youngest.shareOfLimit, youngest.least), youngest.most)
  return {
    argv: [
      node,
      '--permission',
      `--allow-fs-read=${dirname(bootstrap)}`,
      `--max-old-space-size=${Math.max(1, Math.ceil(memoryMiB))}`,
      `--max-semi-space-size=${Math.floor(young)}`,
      '--no-warnings',
      bootstrap,
      ...areas,
    ],
    system: 'libraries',
    readable: [node],
    outOfMemoryCode: abortedCode,
  }
}
