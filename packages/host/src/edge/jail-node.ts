// Starts the processes of jails in the sandbox of the operating system: Node and our own packages are all that they see.

import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JailPort } from '@bulkhead/cell'
import { defaultLimits } from '@bulkhead/kernel'
import { type PackageFolders, packageFolders } from './package-folders-node.ts'

/** Packages whose code runs in a jail. */
export const jailedPackages = [
  '@bulkhead/bundle',
  '@bulkhead/cell',
  '@bulkhead/runtime-script',
  '@bulkhead/runtime-wasm',
]

/**
 * One arena, and what is freed goes back to the system (mallopt(3)): with a script in it, a jail takes 59 MiB instead of 63.
 * Other libraries than glibc pay no heed to it.
 */
const allocator = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '65536' }

/**
 * Where tests keep what Node made of the sources that run in jails: without it each jail strips the types of a hundred modules
 * first. Jails read it, and write nothing. What is built has no types to strip, and its jails are shown no such folder.
 */
export const compiledSources = fileURLToPath(
  new URL('../../../../node_modules/.cache/compiled-jail-sources', import.meta.url),
)
const fromSources = import.meta.url.endsWith('.ts')

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
      ours ??= packageFolders(jailedPackages, import.meta.url)
      const compiled = fromSources && existsSync(compiledSources)
      const { startConfined } = await load()
      return startConfined({
        argv: [node, ...nodeArguments],
        workingFolder: '/tmp',
        readable: [node, ...ours.folders, ...(compiled ? [compiledSources] : [])],
        links: ours.links,
        writable: [],
        sockets: [],
        environment: { ...allocator, ...(compiled ? { NODE_COMPILE_CACHE: compiledSources } : {}) },
        system: 'libraries',
        network: 'none',
        tmpBytes: bounds.tmpBytes,
        limits: { ...bounds.limits, memoryBytes: guestBytes + nodeBytes },
      })
    },
  }
}
