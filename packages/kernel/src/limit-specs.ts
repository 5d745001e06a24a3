// One table of all limits: how each is written, what is counted, which error it ends in and where its figure is shown.
// Manifest schema, command line, and reference page derive from it. It enforces nothing.

import type { ErrorCode } from './errors.ts'
import { BulkheadError } from './errors.ts'
import { defaultLimits, durationText, type Limits, parseDurationMs, parseSizeBytes, sizeText } from './limits.ts'

/** One limit. */
export interface LimitSpec {
  /** Where it stands in {@link Limits} and in a policy. */
  readonly field: keyof Limits
  /** `duration` and `size` are written with a unit; `count` is a whole number, `rate` any number above 0. */
  readonly unit: 'duration' | 'size' | 'count' | 'rate'
  /** What a call that hits it fails with. Absent where the operating system refuses the program more. */
  readonly code?: ErrorCode
  /** The error that the program gets then. */
  readonly refusal?: 'EAGAIN' | 'EMFILE' | 'ENOSPC'
  /** Where the figure that it bounds is shown: of a call's metrics, or of a plugin's status. */
  readonly metric: `metrics.${string}` | `status.${string}`
  /** What is bounded, as a sentence without its end. */
  readonly about: string
}

/** The limits by the name that manifests and `--limit` use. */
export const limitSpecs = {
  memory: {
    field: 'memoryBytes',
    unit: 'size',
    code: 'limit.memory',
    metric: 'metrics.memoryBytes',
    about: 'Linear memory of an instance',
  },
  cpu: {
    field: 'cpuMs',
    unit: 'duration',
    code: 'limit.cpu',
    metric: 'metrics.cpuMs',
    about: 'CPU time of one call',
  },
  wall: {
    field: 'wallMs',
    unit: 'duration',
    code: 'limit.time',
    metric: 'metrics.callMs',
    about: 'Wall-clock time of one call, without its waiting for host functions and people',
  },
  hostCall: {
    field: 'hostCallMs',
    unit: 'duration',
    code: 'limit.host-call-time',
    metric: 'metrics.callMs',
    about: 'Wall-clock time of one host call',
  },
  fuel: {
    field: 'fuel',
    unit: 'count',
    code: 'limit.fuel',
    metric: 'metrics.fuelUsed',
    about: 'Fuel units of one call: a count of instructions that is the same on every machine',
  },
  output: {
    field: 'outputBytes',
    unit: 'size',
    code: 'limit.output',
    metric: 'metrics.outputBytes',
    about: 'Output of one call',
  },
  hostCalls: {
    field: 'hostCalls',
    unit: 'count',
    code: 'limit.host-calls',
    metric: 'metrics.hostCalls',
    about: 'Host calls in one call',
  },
  concurrency: {
    field: 'concurrency',
    unit: 'count',
    code: 'limit.concurrency',
    metric: 'status.callsRunning',
    about: 'Calls that run at once; a bounded number of others wait',
  },
  fileSize: {
    field: 'fileSizeBytes',
    unit: 'size',
    code: 'limit.file-size',
    metric: 'metrics.fileBytes',
    about: 'Largest file read or written',
  },
  httpResponse: {
    field: 'httpResponseBytes',
    unit: 'size',
    code: 'limit.http-response',
    metric: 'metrics.networkBytes',
    about: 'Largest HTTP response body, unpacked',
  },
  network: {
    field: 'networkBytes',
    unit: 'size',
    code: 'limit.network',
    metric: 'metrics.networkBytes',
    about: 'Bytes sent and received over the network in one call',
  },
  networkDaily: {
    field: 'networkDailyBytes',
    unit: 'size',
    code: 'limit.network-daily',
    metric: 'metrics.networkBytes',
    about: 'Bytes sent and received over the network in one day (UTC), all calls and processes together',
  },
  storage: {
    field: 'storageBytes',
    unit: 'size',
    code: 'limit.storage',
    metric: 'metrics.storageBytes',
    about: 'Stored keys and values',
  },
  notesDaily: {
    field: 'notesDailyBytes',
    unit: 'size',
    code: 'limit.notes-daily',
    metric: 'metrics.fileBytes',
    about: 'Text written into notes in one day (UTC), all calls and processes together',
  },
  rate: {
    field: 'ratePerSecond',
    unit: 'rate',
    code: 'limit.rate',
    metric: 'status.callsDone',
    about: 'Calls a second, one second’s worth at once',
  },
  processes: {
    field: 'processes',
    unit: 'count',
    refusal: 'EAGAIN',
    metric: 'status.process',
    about: 'Processes and threads of a program, with all that it starts; Node alone takes a dozen',
  },
  openFiles: {
    field: 'openFiles',
    unit: 'count',
    refusal: 'EMFILE',
    metric: 'status.process',
    about: 'Open files of each process of a program',
  },
  tmp: {
    field: 'tmpBytes',
    unit: 'size',
    refusal: 'ENOSPC',
    metric: 'status.process',
    about: 'Private /tmp of a program, and as much again in /dev/shm; both are part of its memory',
  },
} as const satisfies Readonly<Record<string, LimitSpec>>

/** A name of the table. */
export type LimitName = keyof typeof limitSpecs

/** The names, in the table's order. */
export const limitNames = Object.keys(limitSpecs) as readonly LimitName[]

/** Whether the text is a name of the table. */
export const isLimitName = (text: string): text is LimitName => Object.hasOwn(limitSpecs, text)

/** Whether a value may stand in that field: counts are whole, and nothing is bounded by zero or by no number. */
export const isLimitValue = (field: keyof Limits, value: unknown): value is number => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return false
  const spec = Object.values<LimitSpec>(limitSpecs).find((candidate) => candidate.field === field)
  return spec?.unit !== 'count' || Number.isSafeInteger(value)
}

/** Reads a limit as it is written: `30s`, `64MiB`, `1000`. @throws BulkheadError `usage.invalid` */
export const parseLimit = (name: LimitName, text: string): number => {
  const { unit, field } = limitSpecs[name]
  const value = unit === 'duration' ? parseDurationMs(text) : unit === 'size' ? parseSizeBytes(text) : parseNumber(text)
  if (isLimitValue(field, value)) return value
  throw new BulkheadError('usage.invalid', `"${text.slice(0, 40)}" cannot be the limit ${name}`, {
    hint: mends[unit],
  })
}

const mends: Readonly<Record<LimitSpec['unit'], string>> = {
  duration: 'Write a time above zero, for example 30s.',
  size: 'Write a size above zero, for example 64MiB.',
  count: 'Write a whole number above zero.',
  rate: 'Write a number above zero.',
}

const parseNumber = (text: string): number => (/^\d{1,16}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN)

/** Writes a limit as {@link parseLimit} reads it; `off` for one that is not in force. */
export const limitText = (name: LimitName, value: number | undefined): string => {
  if (value === undefined) return 'off'
  const { unit } = limitSpecs[name]
  return unit === 'duration' ? durationText(value) : unit === 'size' ? sizeText(value) : String(value)
}

/** The default of a limit as it is written; `off` when there is none. */
export const defaultLimitText = (name: LimitName): string => limitText(name, defaultLimits[limitSpecs[name].field])
