// What the sandbox finds on this host: its tools, and where the operating system keeps libraries and programs. Reads
// folders, starts nothing; what it looks up may be made where it is missing (own-devices-node.ts).

import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'
import type { SystemLayout, SystemPath } from './bwrap-arguments.ts'
import { findOwnDevices } from './own-devices-node.ts'
import type { Architecture } from './system-calls.ts'

/** Tools by their absolute paths. */
export interface SandboxTools {
  readonly bwrap: string
  readonly architecture: Architecture
}

/** Places of tools; the search path of the environment is not asked, since it may name a folder of a project. */
const toolFolders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin']

const packages = { bwrap: 'bubblewrap' } as const

const findTool = (name: keyof typeof packages, folders: readonly string[]): string => {
  for (const folder of folders) {
    const path = `${folder}/${name}`
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() === true && (stat.mode & 0o111) !== 0) return path
  }
  throw new BulkheadError('sandbox.missing', `This host has no ${name}, which the sandbox is made with.`, {
    hint: `Install it, on Debian and Ubuntu with: sudo apt-get install -y ${packages[name]}`,
    details: { tool: name },
  })
}

/** A host as the search sees it; what is absent is taken from this process. */
export interface HostFacts {
  readonly platform?: string
  readonly arch?: string
  readonly folders?: readonly string[]
}

/**
 * Finds the tools.
 * @throws {BulkheadError} `sandbox.missing`: not Linux, an architecture without a table of system calls, or a tool is not
 *   installed; the hint holds the command to type.
 */
export const findSandboxTools = (host: HostFacts = {}): SandboxTools => {
  const { platform = process.platform, arch = process.arch, folders = toolFolders } = host
  if (platform !== 'linux') {
    throw new BulkheadError('sandbox.missing', `There is no sandbox for ${platform} in this version.`, {
      hint:
        platform === 'darwin'
          ? 'The profile for macOS was never tried on that system, so nothing is run with it. Use plugins of the script and wasm tiers.'
          : 'Run on Linux, or use plugins of the script and wasm tiers.',
    })
  }
  if (arch !== 'x64' && arch !== 'arm64') {
    throw new BulkheadError('sandbox.missing', `There is no system call filter for ${arch} in this version.`, {
      hint: 'Run on x64 or arm64, or use plugins of the script and wasm tiers.',
    })
  }
  return { bwrap: findTool('bwrap', folders), architecture: arch }
}

const look = (paths: readonly string[]): SystemPath[] =>
  paths.flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return []
    return [stat.isSymbolicLink() ? { path, link: readlinkSync(path) } : { path }]
  })

/** Where this host keeps what. Distributions differ in which of these are links into /usr. */
export const readSystemLayout = (): SystemLayout => ({
  libraries: look([
    ...['/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/libx32', '/lib', '/lib32', '/lib64', '/libx32'],
    ...['/etc/ld.so.cache', '/usr/share/zoneinfo', '/nix/store'],
  ]),
  programs: look([
    ...['/usr/bin', '/usr/sbin', '/usr/libexec', '/usr/local', '/usr/share', '/usr/include', '/bin', '/sbin'],
    ...['/etc/alternatives', '/etc/ssl/certs'],
  ]),
  hostFilesOfProc: [
    '/proc/cmdline',
    '/proc/kcore',
    '/proc/keys',
    '/proc/key-users',
    '/proc/timer_list',
    '/proc/kallsyms',
  ]
    .concat(['/proc/sysrq-trigger', '/proc/sched_debug', '/proc/latency_stats'])
    // What only root may read, and a program is when its host is.
    .concat(
      ['kmsg', 'slabinfo', 'vmallocinfo', 'pagetypeinfo', 'kpagecount', 'kpageflags', 'kpagecgroup'].map(
        (name) => `/proc/${name}`,
      ),
    )
    .filter((path) => existsSync(path)),
  devices: findOwnDevices(),
})
