// The globals of a plugin are those of the script tier, by name: what runs there runs here, and the other way round. That is
// a contract of the SDK and no wall; the wall is the sandbox around the process. A test compares the two tiers' lists.

import { formatValues } from '../../../bundle/guest/inspect.ts'

/** Severity, in rising order. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** Objects of the language that the engines of both tiers have. Whatever else Node has is taken away. */
const kept = new Set(
  (
    'AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError ' +
    'FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array ' +
    'Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set ' +
    'SharedArrayBuffer String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array ' +
    'Uint8ClampedArray WeakMap WeakRef WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval ' +
    'globalThis isFinite isNaN parseFloat parseInt undefined unescape ' +
    'TextDecoder TextEncoder URL URLSearchParams structuredClone'
  ).split(' '),
)

/** Defines a global the way built-ins are: writable, not enumerable. */
const defineGlobal = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}

type Log = Readonly<Record<Level, (...values: readonly unknown[]) => void>>

/** The five functions of a log over one that takes a line. */
export const makeLog = (write: (level: Level, message: string) => void): Log => {
  const level =
    (name: Level) =>
    (...values: readonly unknown[]): void =>
      write(name, formatValues(values))
  return {
    trace: level('trace'),
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  }
}

/** Lays the globals: `timers` as they come, and what differs from Node's own. */
export const layGlobals = (log: Log, timers: Readonly<Record<string, unknown>>): void => {
  const { getBuiltinModule } = process
  const { atob, btoa } = globalThis
  const origin = performance.now()
  const started = Date.now()
  const now = performance.now.bind(performance)
  // Loaded when it is used: a plugin that draws no random numbers does not pay for the library.
  const crypto = () => getBuiltinModule('node:crypto')
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!kept.has(name)) delete (globalThis as Record<string, unknown>)[name]
  }
  const globals: Record<string, unknown> = {
    atob: orTypeError(atob, 'the text is not base64'),
    btoa: orTypeError(btoa, 'the text has characters above U+00FF'),
    crypto: Object.freeze({
      getRandomValues: <T extends ArrayBufferView>(view: T): T => {
        if (view.byteLength > 65_536) throw new RangeError('at most 65536 random bytes at once')
        crypto().randomFillSync(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
        return view
      },
      randomUUID: () => crypto().randomUUID(),
    }),
    performance: Object.freeze({ now: () => now() - origin, timeOrigin: started }),
    console: {
      ...log,
      log: log.info,
      dir: log.info,
      table: log.info,
      assert: (condition: unknown, ...values: unknown[]) => {
        if (!condition) log.error('Assertion failed:', ...values)
      },
    },
    ...timers,
  }
  for (const [name, value] of Object.entries(globals)) defineGlobal(name, value)
}

const orTypeError =
  (convert: (text: string) => string, complaint: string) =>
  (text: unknown): string => {
    try {
      return convert(String(text))
    } catch {
      throw new TypeError(complaint)
    }
  }
