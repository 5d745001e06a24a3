// Holds the places of the host that a program is shown: opened once, name by name, without following a link. What is looked
// at here is what is bound, and whether it was is asked of the kernel once the walls stand.

import { closeSync, constants, fstatSync, openSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'
import type { HeldMount, Mount } from './mounts.ts'

/** O_PATH of asm-generic: names the object, opens nothing, has no side effects on pipes and sockets. */
const O_PATH = 0o10000000

/** The places of one start. Disposing shuts the descriptors of this process. */
export interface HeldPlaces extends Disposable {
  /** Descriptors of this process, in the order of the mounts. */
  readonly descriptors: readonly number[]
  readonly mounts: readonly HeldMount[]
  /**
   * Checks that the program sees at each path what was held, and that what is hidden is not seen where it is.
   * @throws BulkheadError `sandbox.failed`
   */
  verify(pid: number): void
}

const refuse = (path: string, what: string): never => {
  throw new BulkheadError('sandbox.invalid', `${JSON.stringify(path)} ${what}, so it cannot be shown to a program.`)
}

/** Opens the path from the root on. The descriptor is the caller's to shut. */
const openPath = (path: string): { readonly fd: number; readonly stats: Stats } => {
  let fd = openSync('/', O_PATH | constants.O_DIRECTORY)
  try {
    for (const name of path.split('/').filter((segment) => segment !== '')) {
      const next = openSync(`/proc/self/fd/${fd}/${name}`, O_PATH | constants.O_NOFOLLOW)
      closeSync(fd)
      fd = next
      // A link on the way would let whoever can write there choose what is shown.
      if (fstatSync(fd).isSymbolicLink()) refuse(path, 'leads through a symbolic link')
    }
    return { fd, stats: fstatSync(fd) }
  } catch (thrown) {
    closeSync(fd)
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return refuse(path, 'does not exist')
    if (code === 'EACCES') return refuse(path, 'is not accessible to the host')
    throw thrown
  }
}

const checkKind = ({ path, how }: Mount, stats: Stats): void => {
  if (how === 'hide') return
  if ((how === 'socket') !== stats.isSocket()) {
    refuse(path, stats.isSocket() ? 'is a socket and is not named as one' : 'is no socket')
  }
  if (!stats.isSocket() && !stats.isFile() && !stats.isDirectory()) refuse(path, 'is a pipe or a device')
}

/**
 * Opens them; `firstDescriptor` is the number that the first has in bubblewrap, the others follow.
 * @throws BulkheadError `sandbox.invalid` for a path that does not exist, leads through a link or is of another kind
 */
export const holdPlaces = (mounts: readonly Mount[], firstDescriptor: number): HeldPlaces => {
  const held: { readonly mount: HeldMount; readonly fd: number; readonly stats: Stats }[] = []
  const shut = (): void => {
    for (const { fd } of held.splice(0)) closeSync(fd)
  }
  try {
    for (const mount of mounts) {
      const { fd, stats } = openPath(mount.path)
      held.push({
        fd,
        stats,
        mount: { ...mount, descriptor: firstDescriptor + held.length, isFolder: stats.isDirectory() },
      })
      checkKind(mount, stats)
    }
  } catch (thrown) {
    shut()
    throw thrown
  }
  return {
    descriptors: held.map(({ fd }) => fd),
    mounts: held.map(({ mount }) => mount),
    verify: (pid) => {
      for (const { mount, stats, fd } of held) {
        const sees = (path: string): boolean | undefined => {
          const seen = statSync(`/proc/${pid}/root${path}`, { throwIfNoEntry: false })
          return seen === undefined ? undefined : seen.dev === stats.dev && seen.ino === stats.ino
        }
        // What is hidden may have been moved away meanwhile, and something else hidden in its place.
        const holds =
          mount.how === 'hide'
            ? sees(mount.path) === false && sees(readlinkSync(`/proc/self/fd/${fd}`)) === false
            : sees(mount.path) === true
        if (holds) continue
        throw new BulkheadError(
          'sandbox.failed',
          `${JSON.stringify(mount.path)} was changed while the sandbox was built, so the program was not started.`,
          { hint: 'Another program moved or replaced it. Try again, or grant a folder that nobody else writes to.' },
        )
      }
    },
    [Symbol.dispose]: shut,
  }
}
