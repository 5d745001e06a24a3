// The functions that the driver gives to the prelude. Guest code that tampers with the prelude may get hold of them:
// the driver takes nothing they are called with on trust.

/** Severity, in rising order. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** Everything that leads out of the engine. */
export interface Bridge {
  /** One host call; the driver answers through `settle`. */
  send(id: number, name: string, json: string, ...buffers: ArrayBuffer[]): void
  log(level: Level, message: string): void
  startTimer(id: number, ms: number): void
  stopTimer(id: number): void
  /** Ends the call: `ok` with the packed output, `fail` with a described error. */
  finish(outcome: 'ok' | 'fail', json: string, ...buffers: ArrayBuffer[]): void
  /** A pure function of the outer engine; undefined when the arguments do not suit it. */
  compute(operation: string, json: string, buffer?: ArrayBuffer): string | ArrayBuffer | undefined
}

/** What the driver says of the plugin. */
export interface Settings {
  readonly areas: readonly ('http' | 'fs' | 'env' | 'kv')[]
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
}
