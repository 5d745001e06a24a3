// Which places of the host a confinement shows or hides, in the order in which they are laid over each other. Pure.

import { BulkheadError } from '@bulkhead/kernel'
import type { Confinement } from './confinement.ts'

/** What is done with one place. */
export interface Mount {
  /** The same outside and inside. */
  readonly path: string
  readonly how: 'read' | 'write' | 'socket' | 'hide'
}

/** A mount whose place is held open. */
export interface HeldMount extends Mount {
  /** The descriptor's number in bubblewrap. */
  readonly descriptor: number
  readonly isFolder: boolean
}

/** Each mount takes a descriptor and an operation of the kernel at every start. */
const mostMounts = 1000

const widths: Readonly<Record<Mount['how'], number>> = { read: 0, socket: 1, write: 2, hide: 3 }

/**
 * The mounts. A path comes after every folder that it is in, so that the narrower word is the one that counts; of two words
 * on the same path the one to write beats the one to read, and the one to hide beats all.
 * @throws BulkheadError `sandbox.invalid`: something is shown below what is hidden, or there are too many
 */
export const planMounts = ({ readable, writable, sockets, hidden = [] }: Confinement): readonly Mount[] => {
  const all: Mount[] = [
    ...readable.map((path): Mount => ({ path, how: 'read' })),
    ...sockets.map((path): Mount => ({ path, how: 'socket' })),
    ...writable.map((path): Mount => ({ path, how: 'write' })),
    ...hidden.map((path): Mount => ({ path, how: 'hide' })),
  ]
  const byPath = new Map<string, Mount>()
  for (const mount of all) {
    const known = byPath.get(mount.path)
    if (known === undefined || widths[known.how] < widths[mount.how]) byPath.set(mount.path, mount)
  }
  const mounts = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  if (mounts.length > mostMounts) {
    throw new BulkheadError(
      'sandbox.invalid',
      `A confinement is not valid: it names ${mounts.length} places of the host, and ${mostMounts} are possible.`,
      { hint: 'Grant the folder that holds them, or a narrower one with less in it that has to be hidden.' },
    )
  }
  for (const { path } of mounts) {
    const above = hidden.find((folder) => path.startsWith(`${folder}/`))
    if (above === undefined) continue
    throw new BulkheadError(
      'sandbox.invalid',
      `A confinement is not valid: ${JSON.stringify(path)} is below ${JSON.stringify(above)}, which is hidden.`,
    )
  }
  return mounts
}

const hiding = ({ path, isFolder }: HeldMount): { readonly lay: string[]; readonly seal: string[] } =>
  isFolder
    ? { lay: ['--perms', '0555', '--size', '4096', '--tmpfs', path], seal: ['--remount-ro', path] }
    : { lay: ['--ro-bind', '/dev/null', path], seal: [] }

/** Options of bubblewrap for them. What is bound is what the descriptor holds, whatever the path has come to mean. */
export const mountOptions = (mounts: readonly HeldMount[]): string[] => [
  ...mounts.flatMap((mount) => {
    const { path, how, descriptor } = mount
    if (how === 'hide') return hiding(mount).lay
    return [how === 'write' ? '--bind-fd' : '--ro-bind-fd', String(descriptor), path]
  }),
  ...mounts.flatMap((mount) => (mount.how === 'hide' ? hiding(mount).seal : [])),
]
