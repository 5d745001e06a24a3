// Starts the processes of jails in the sandbox of the operating system: Node and our own packages are all that they see.

import { realpathSync } from 'node:fs'
import type { JailPort } from '@bulkhead/cell'
import { defaultLimits } from '@bulkhead/kernel'
import { type PackageFolders, packageFolders } from './package-folders-node.ts'

/** Packages whose code runs in a jail. */
const packages = ['@bulkhead/bundle', '@bulkhead/cell', '@bulkhead/runtime-script', '@bulkhead/runtime-wasm']

/**
 * One arena, and what is freed goes back to the system (mallopt(3)): with a script in it, a jail takes 59 MiB instead of 63.
 * Other libraries than glibc pay no heed to it.
 */
const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '65536' }

/** What Node takes besides: its heap of at most 512 MiB is the greatest part. */
const nodeBytes = 640 * 1024 * 1024

/** Bounds of one jail. Those of its guests are the meter's; these hold when a guest has broken out of them. */
const bounds = {
  tmpBytes: 1024 * 1024,
  limits: {
    // Calls are bounded by the clock, and a jail lives as long as its plugins.
    cpuSeconds: 30 * 24 * 3600,
    // Node takes about a dozen, and as many the bundler.
    processes: 48,
    openFiles: 64,
    fileSizeBytes: 1024 * 1024,
  },
}

const load = () => import('@bulkhead/sandbox')

/** Makes the port. */
export const makeJailPort = (): JailPort => {
  let ours: PackageFolders | undefined
  const node = realpathSync(process.execPath)
  return {
    usualGuestBytes: 2 * defaultLimits.memoryBytes * defaultLimits.concurrency,
    start: async (nodeArguments, guestBytes) => {
      ours ??= packageFolders(packages, import.meta.url)
      const { startConfined } = await load()
      return startConfined({
        argv: [node, ...nodeArguments],
        workingFolder: '/tmp',
        readable: [node, ...ours.folders],
        links: ours.links,
        writable: [],
        sockets: [],
        environment: allocator,
        system: 'libraries',
        network: 'none',
        tmpBytes: bounds.tmpBytes,
        limits: { ...bounds.limits, memoryBytes: guestBytes + nodeBytes },
      })
    },
  }
}
