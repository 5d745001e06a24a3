// Starts the processes of jails in the sandbox of the operating system: Node and our own packages are all that they see.

import { realpathSync } from 'node:fs'
import type { JailPort } from '@bulkhead/cell'
import { startConfined } from '@bulkhead/sandbox'
import { packageFolders } from './package-folders-node.ts'

/** Packages whose code runs in a jail. */
const packages = ['@bulkhead/cell', '@bulkhead/runtime-script', '@bulkhead/runtime-wasm']

/** Bounds of one jail. Those of its guests are the meter's; these hold when a guest has broken out of them. */
const bounds = {
  tmpBytes: 1024 * 1024,
  limits: {
    memoryBytes: 1536 * 1024 * 1024,
    // Calls are bounded by the clock, and a jail lives as long as its plugins.
    cpuSeconds: 30 * 24 * 3600,
    processes: 32,
    openFiles: 64,
    fileSizeBytes: 1024 * 1024,
  },
}

/** Makes the port. */
export const makeJailPort = (): JailPort => {
  let readable: readonly string[] | undefined
  const node = realpathSync(process.execPath)
  return {
    start: async (nodeArguments) => {
      readable ??= [node, ...packageFolders(packages, import.meta.url)]
      return startConfined({
        argv: [node, ...nodeArguments],
        workingFolder: '/tmp',
        readable,
        writable: [],
        sockets: [],
        environment: {},
        system: 'libraries',
        network: 'none',
        ...bounds,
      })
    },
  }
}
