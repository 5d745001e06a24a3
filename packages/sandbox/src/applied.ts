// Says which limits hold for a confined program, from what the kernel answers and not from what was asked for.

import type { Cgroup } from './cgroup.ts'
import type { ProcessLimits } from './rlimits.ts'

/** How one limit is kept. */
export interface AppliedLimit {
  /**
   * `group`: by a control group, for the whole tree. `watch`: by this process, which looks at the tree now and then. `process`: by
   * an rlimit, for each process. `none`: not at all.
   */
  readonly by: 'group' | 'watch' | 'process' | 'none'
  /** The bound in the limit's unit, as read back; absent when there is none. */
  readonly value?: number
}

/** What holds. */
export interface AppliedLimits {
  readonly memory: AppliedLimit
  readonly cpuSeconds: AppliedLimit
  readonly processes: AppliedLimit
  readonly openFiles: AppliedLimit
  readonly fileSize: AppliedLimit
  /** By the size of its file system: bytes of the private /tmp; /dev/shm has as many. */
  readonly tmp: { readonly by: 'mount'; readonly value: number }
}

const none: AppliedLimit = { by: 'none' }
const byProcess = (value: number | undefined): AppliedLimit => (value === undefined ? none : { by: 'process', value })

/** `superuser`: whether the program is, for the host, its root: the kernel never refuses that one a process. */
export const describeLimits = (
  cgroup: Cgroup | undefined,
  inForce: ProcessLimits,
  options: { readonly superuser: boolean; readonly cpuSeconds: number; readonly tmpBytes: number },
): AppliedLimits => {
  const processes = inForce.processes === undefined ? undefined : inForce.processes - 1
  return {
    memory:
      cgroup?.memoryBytes === undefined ? byProcess(inForce.dataBytes) : { by: 'group', value: cgroup.memoryBytes },
    cpuSeconds: { by: cgroup?.countsCpu === true ? 'group' : 'watch', value: options.cpuSeconds },
    processes:
      cgroup?.processes !== undefined
        ? { by: 'group', value: cgroup.processes }
        : options.superuser
          ? none
          : // Of all processes of the user in this sandbox together, so of the tree.
            byProcess(processes),
    openFiles: byProcess(inForce.openFiles),
    fileSize: byProcess(inForce.fileSizeBytes),
    tmp: { by: 'mount', value: options.tmpBytes },
  }
}
