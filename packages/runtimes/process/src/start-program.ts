// Starts the program of a plugin in its confinement: its own files, what the gate allowed it of this host, and nothing else.

import {
  asBulkheadError,
  BulkheadError,
  type CallContext,
  type Json,
  type ProcessAccess,
  type ProcessFacts,
} from '@bulkhead/kernel'
import { type AppliedLimits, type Confined, startConfined } from '@bulkhead/sandbox'
import type { ProcessNetwork } from './network.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { PreparedSpeaker } from './speaker.ts'

/** Processes and threads, descriptors, and bytes of /tmp of one process. */
const bounds = { processes: 64, openFiles: 256, tmpBytes: 16 * 1024 * 1024 }
/** Processor time over its whole life, seconds: that of a call is bounded while the call runs. */
const cpuSeconds = 24 * 3600

/** What it gets beside what it was granted. */
export interface ProgramMeans {
  /** What its protocol needs. */
  readonly needs: Pick<PreparedSpeaker, 'environment' | 'localSockets'>
  readonly network: ProcessNetwork | undefined
}

const nothing: ProcessAccess = { readable: [], writable: [], hidden: [], environment: {} }

/**
 * No grant puts other variables in the place of those of its protocol and its network.
 * @throws BulkheadError `sandbox.*`, `artifact.changed`, or what the gate's question throws
 */
export const startProgram = async (
  spec: ProcessSpec,
  context: CallContext | undefined,
  { needs, network }: ProgramMeans,
): Promise<Confined> => {
  const { files, limits, program, decideAccess } = spec
  const access = await (decideAccess?.(context) ?? Promise.resolve(nothing)).catch((thrown: unknown) => {
    // What the host could not look at is nothing that a plugin told us.
    throw asBulkheadError(thrown, 'sandbox.failed')
  })
  checkApart(access, files.folder)
  const confined = await startConfined(
    {
      argv: program.argv,
      workingFolder: files.folder,
      readable: [
        ...files.readable,
        ...program.readable,
        ...access.readable,
        ...(network?.readable(program.system) ?? []),
      ],
      writable: access.writable,
      hidden: access.hidden,
      files: files.files,
      sockets: [],
      environment: {
        LANG: 'C.UTF-8',
        ...access.environment,
        ...network?.environment,
        ...needs.environment,
        HOME: '/tmp',
        TMPDIR: '/tmp',
      },
      system: program.system,
      network: network === undefined ? 'none' : 'loopback',
      localSockets: needs.localSockets ?? false,
      tmpBytes: bounds.tmpBytes,
      limits: {
        memoryBytes: limits.memoryBytes,
        cpuSeconds,
        processes: bounds.processes,
        openFiles: bounds.openFiles,
        fileSizeBytes: limits.fileSizeBytes,
      },
    },
    { beforeEntering: files.verify, ...network?.startOptions },
  )
  spec.onProcess?.(factsOf(confined, access))
  return confined
}

/** A folder that is written must not be the one that the program is run from, whatever was granted. */
const checkApart = ({ writable }: ProcessAccess, folder: string): void => {
  const within = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`)
  const over = writable.find((path) => within(path, folder) || within(folder, path))
  if (over === undefined) return
  throw new BulkheadError('sandbox.invalid', `${over} is granted for writing, and the plugin's own files stand there`)
}

const factsOf = (confined: Confined, { readable, writable, environment }: ProcessAccess): ProcessFacts => ({
  limits: Object.fromEntries(
    Object.entries(confined.applied satisfies AppliedLimits).map(([name, { by, value }]): [string, Json] => [
      name,
      value === undefined ? { by } : { by, value },
    ]),
  ),
  readable: [...readable],
  writable: [...writable],
  environment: Object.keys(environment),
})
