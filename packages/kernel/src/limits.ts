// Limits of one plugin, with their defaults, and the spelling of durations and sizes. Times are milliseconds and
// sizes bytes everywhere inside; only manifests, policies and command lines write `30s` and `64KiB`.

import { BulkheadError } from './errors.ts'

/** Limits in force for a plugin. `undefined` where a limit is off. */
export interface Limits {
  /** Linear memory of an instance, bytes. */
  readonly memoryBytes: number
  /** CPU time of one call, ms. */
  readonly cpuMs: number
  /** Wall-clock time of one call, ms; waiting for a person's approval does not count. */
  readonly wallMs: number
  /** Wall-clock time of one host call, ms. */
  readonly hostCallMs: number
  /** Instructions of one call in fuel units; off when undefined. */
  readonly fuel: number | undefined
  /** Output of one call, bytes. */
  readonly outputBytes: number
  /** Host calls in one call. */
  readonly hostCalls: number
  /** Calls of the plugin that run at once; further ones wait. */
  readonly concurrency: number
  /** Largest file read or written, bytes. */
  readonly fileSizeBytes: number
  /** Largest HTTP response body, bytes. */
  readonly httpResponseBytes: number
  /** Bytes sent and received over the network in one call. */
  readonly networkBytes: number
  /** Bytes sent and received over the network in one day (UTC), over all calls; off when undefined. */
  readonly networkDailyBytes: number | undefined
  /** Stored keys and values of the plugin, bytes. */
  readonly storageBytes: number
  /** Text written into notes in one day (UTC), bytes, over all calls; off when undefined. */
  readonly notesDailyBytes: number | undefined
  /** Calls a second; off when undefined. */
  readonly ratePerSecond: number | undefined
  /** Processes and threads of a program, with all that it starts. */
  readonly processes: number
  /** Open descriptors of each process of a program. */
  readonly openFiles: number
  /** Private /tmp of a program, bytes, and as many again in its /dev/shm. */
  readonly tmpBytes: number
}

/** Parts of WebAssembly that are off unless the operator turns them on; no manifest can. */
export const wasmFeatures = ['gc', 'threads', 'memory64'] as const

/** The operator's switches; what is not named is off. */
export type WasmFeatures = Readonly<Partial<Record<(typeof wasmFeatures)[number], boolean>>>

const MiB = 1024 * 1024

/** The limits of a plugin whose manifest and policy say nothing. */
export const defaultLimits: Limits = {
  memoryBytes: 100 * MiB,
  cpuMs: 30_000,
  wallMs: 60_000,
  hostCallMs: 30_000,
  fuel: undefined,
  outputBytes: 10 * MiB,
  hostCalls: 10_000,
  concurrency: 8,
  fileSizeBytes: 10 * MiB,
  httpResponseBytes: 10 * MiB,
  networkBytes: 100 * MiB,
  networkDailyBytes: undefined,
  storageBytes: 50 * MiB,
  notesDailyBytes: 256 * MiB,
  ratePerSecond: undefined,
  processes: 64,
  openFiles: 256,
  tmpBytes: 16 * MiB,
}

const durationUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const binaryUnits: Record<string, number> = { B: 1, KiB: 1024, MiB, GiB: 1024 * MiB }
const sizeUnits: Record<string, number> = {
  ...binaryUnits,
  KB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
}

const parseQuantity = (text: string, units: Record<string, number>, example: string): number => {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)([A-Za-z]{1,3})$/.exec(text)
  const unit = match?.[2] === undefined || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]]
  const value = unit === undefined ? Number.NaN : Math.round(Number(match?.[1]) * unit)
  if (!Number.isSafeInteger(value)) {
    throw new BulkheadError('usage.invalid', `"${text.slice(0, 40)}" is not a quantity`, {
      hint: `Write a number and one of ${Object.keys(units).join(', ')}, for example ${example}.`,
    })
  }
  return value
}

/** `500ms`, `30s`, `2m`, `1h` → milliseconds. @throws BulkheadError `usage.invalid` */
export const parseDurationMs = (text: string): number => parseQuantity(text, durationUnits, '30s')

/** `512B`, `64KiB`, `1MiB` (powers of 1024), `10MB` (powers of 1000) → bytes. @throws BulkheadError `usage.invalid` */
export const parseSizeBytes = (text: string): number => parseQuantity(text, sizeUnits, '64KiB')

const spell = (value: number, units: Readonly<Record<string, number>>): string => {
  const whole = Object.entries(units).filter(([, size]) => value >= size && Number.isInteger(value / size))
  const [name, size] = whole.at(-1) ?? Object.entries(units)[0] ?? ['', 1]
  return `${value / size}${name}`
}

/** `1500` → `1500ms`, `60000` → `1m`: what {@link parseDurationMs} reads. */
export const durationText = (ms: number): string => spell(ms, durationUnits)

/** `1048576` → `1MiB`: what {@link parseSizeBytes} reads. */
export const sizeText = (bytes: number): string => spell(bytes, binaryUnits)

/** The stricter of two limits, field by field; an absent optional limit gives way to a present one. */
export const tightenLimits = (base: Limits, by: Partial<Limits>): Limits => {
  const least = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined ? b : b === undefined ? a : Math.min(a, b)
  const entries = Object.keys(base).map((key) => {
    const name = key as keyof Limits
    return [name, least(base[name], by[name])]
  })
  return Object.fromEntries(entries) as unknown as Limits
}

/**
 * What a plugin gets: what it asks for, up to the operator's bounds; where the operator set none, up to the defaults.
 * A plugin that asks for nothing gets the bound itself. So a manifest only ever tightens, and an operator may raise.
 */
export const grantLimits = (asked: Partial<Limits>, bounds: Partial<Limits>): Limits =>
  tightenLimits({ ...defaultLimits, ...bounds }, asked)
