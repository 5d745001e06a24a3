// The functions that the driver gives to the prelude. Guest code that tampers with the prelude may get hold of them:
// the driver takes nothing they are called with on trust.

import type { HostBridge } from '../../../sdk/src/host.ts'

/** Severity, in rising order. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** Everything that leads out of the engine. Numbers are whole, of 32 bits. */
export interface Bridge {
  /** One host call; its answer arrives. */
  send(id: number, name: string, json: string, ...buffers: ArrayBuffer[]): void
  log(level: Level, message: string): void
  /** When it is due, the timer arrives. */
  startTimer(id: number, ms: number): void
  stopTimer(id: number): void
  /** Ends the call: well, with the packed output, or not, with a described error. */
  finish(isWell: boolean, json: string, ...buffers: ArrayBuffer[]): void
  /** A pure function of the outer engine; undefined when the arguments do not suit it. */
  compute(operation: string, json: string, buffer?: ArrayBuffer): string | ArrayBuffer | undefined
  /** What no two copies of a plugin have in common; whoever draws it before the first call is evaluated for each copy. */
  draw(what: 'random', size: number): ArrayBuffer
  draw(what: 'uuid' | 'started' | 'config'): string
  /** The next text or byte string that belongs to what was announced in the mailbox. */
  take(): unknown
  /** Announces the next arrival in the mailbox. */
  next(): void
}

/** Words of the mailbox. */
export const mailbox = {
  /** Kind of the arrival. */
  kind: 0,
  /** Host call or timer that it is for. */
  id: 1,
  /** How many byte strings follow the text. */
  blobs: 2,
} as const

/** Kinds of arrivals. */
export const arrivals = { none: 0, reply: 1, refusal: 2, timer: 3 } as const

/** What the driver says of the plugin. */
export interface Settings {
  readonly areas: HostBridge['areas']
  readonly functions: readonly string[]
  /** Whether there is a configuration to draw. */
  readonly hasConfig: boolean
}
