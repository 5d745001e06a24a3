// Makes the options of bubblewrap out of a confinement. Pure: what is on this host comes in as data.
//
// Order matters to bubblewrap: it does one mount after the other. What is bound later lies over what came before, and
// folders can be made only until their file system is made read-only.

import type { Confinement } from './confinement.ts'
import { channelDescriptor, gateDescriptor } from './gate-program.ts'
import { lifelineDescriptor } from './init-program.ts'
import { type HeldMount, mountOptions } from './mounts.ts'

/** One place of the operating system as it stands on this host. */
export interface SystemPath {
  readonly path: string
  /** The target, when it is a symbolic link; bound as it is else. */
  readonly link?: string
}

/** What the builder has to know of the host. */
export interface SystemLayout {
  /** What a dynamic binary loads its libraries from. */
  readonly libraries: readonly SystemPath[]
  /** The installed programs with their data, libraries not included. */
  readonly programs: readonly SystemPath[]
  /** Files of /proc that tell of the whole host, as far as this host has them. */
  readonly hostFilesOfProc: readonly string[]
  /** Device files to take in the place of the system's, each by its path. */
  readonly devices: readonly string[]
}

/** Numbers of the descriptors that bubblewrap is started with. */
export const bwrapDescriptors = {
  options: 3,
  filter: 4,
  listener: channelDescriptor,
  gate: gateDescriptor,
  program: 8,
  init: 9,
  lifeline: lifelineDescriptor,
} as const

/** The first number after them: of the places that are bound, then of the files. */
export const firstFreeDescriptor = lifelineDescriptor + 1

/** Where process 1 and the gate stand inside. */
export const initPath = '/.init'
export const gatePath = '/.gate'

/** Who the program thinks it is: nobody in particular. Outside it is the user that runs the host. */
const insideId = '1000'

const systemMount = ({ path, link }: SystemPath): string[] =>
  link === undefined ? ['--ro-bind', path, path] : ['--symlink', link, path]

/**
 * The options, without the program. They hold the environment with its secrets, so they belong on a descriptor
 * (`--args`), never on a command line, which every user of the host can read.
 */
export const makeBwrapOptions = (
  confinement: Confinement,
  layout: SystemLayout,
  mounts: readonly HeldMount[],
): string[] => {
  const { environment, system, network, tmpBytes, workingFolder, files = [], links = [] } = confinement
  const size = String(tmpBytes)
  const visible =
    system === 'none' ? [] : system === 'libraries' ? layout.libraries : [...layout.libraries, ...layout.programs]
  return [
    '--unshare-all',
    '--unshare-user',
    '--disable-userns',
    ...(network === 'host' ? ['--share-net'] : []),
    ...['--uid', insideId, '--gid', insideId],
    ...['--cap-drop', 'ALL'],
    '--new-session',
    // Our own process 1 ends the tree when the host is gone, from its first instruction on. bubblewrap's own way
    // (--die-with-parent) would end bubblewrap while the process that it has just made waits for it, for ever.
    '--as-pid-1',
    '--clearenv',
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--proc', '/proc'],
    ...layout.hostFilesOfProc.flatMap((path) => ['--ro-bind', '/dev/null', path]),
    // Process 1 of the sandbox is ours: it must not be written to through /proc/1/mem. And where the host is root, the
    // files below /proc/sys belong to the program.
    ...['--remount-ro', '/proc'],
    ...['--dev', '/dev'],
    ...layout.devices.flatMap((path) => ['--dev-bind', path, `/dev${path.slice(path.lastIndexOf('/'))}`]),
    ...['--perms', '1777', '--size', size, '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    ...['--perms', '1777', '--size', size, '--tmpfs', '/tmp'],
    ...visible.flatMap(systemMount),
    ...mountOptions(mounts),
    ...links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...files.flatMap(({ path, executable }, index) => [
      ...['--perms', executable === true ? '0555' : '0444'],
      ...['--ro-bind-data', String(firstFreeDescriptor + mounts.length + index), path],
    ]),
    ...['--perms', '0555', '--ro-bind-data', String(bwrapDescriptors.program), gatePath],
    ...['--perms', '0555', '--ro-bind-data', String(bwrapDescriptors.init), initPath],
    // The root is a file system in memory without a size of its own.
    ...['--remount-ro', '/'],
    ...['--chdir', workingFolder],
    ...['--seccomp', String(bwrapDescriptors.filter)],
  ]
}
