// Runs once before all tests, in a process of its own: has Node keep what the sources that run in jails compile to, under the
// user and with the options of a jail, which may only read there. Tests do without it where there is no sandbox.

import { mkdirSync, realpathSync } from 'node:fs'
import { startConfined } from '@bulkhead/sandbox'
import { startJailProcess } from '../../packages/cell/src/jail/jail.ts'
import { compiledSources, jailedPackages } from '../../packages/host/src/edge/jail-node.ts'
import { packageFolders } from '../../packages/host/src/edge/package-folders-node.ts'

mkdirSync(compiledSources, { recursive: true })

const node = realpathSync(process.execPath)
const source = (path: string): string => new URL(`../../packages/${path}`, import.meta.url).href
/** What a jail starts with, and what it loads for a plugin. */
const modules = [
  'runtimes/script/src/driver.ts',
  'runtimes/wasm/src/driver.ts',
  'bundle/src/driver.ts',
  'bundle/src/annotations/index.ts',
  'cell/src/jail/jail-entry.ts',
]
const program = `for (const url of ${JSON.stringify(modules.map(source))}) await import(url)`
const ours = packageFolders(jailedPackages, source('host/src/edge/jail-node.ts'))

const jail = await startJailProcess({
  usualGuestBytes: 0,
  start: (nodeArguments) =>
    startConfined({
      argv: [node, ...nodeArguments.slice(0, -1), '--input-type=module', '-e', program],
      workingFolder: '/tmp',
      readable: [node, ...ours.folders],
      links: ours.links,
      writable: [compiledSources],
      sockets: [],
      environment: { NODE_COMPILE_CACHE: compiledSources },
      system: 'libraries',
      network: 'none',
      tmpBytes: 1024 * 1024,
      limits: { memoryBytes: 1024 ** 3, cpuSeconds: 120, processes: 48, openFiles: 256, fileSizeBytes: 16 * 1024 ** 2 },
    }),
})
jail.stdin.end()
jail.stdout.resume()
jail.stderr.pipe(process.stderr)
process.exitCode = (await jail.exited).code ?? 1
