// What the interpreter imports, all of it our own: the way to the driver's native functions, memory, the clock, and nothing
// else. Files, environment and other modules do not exist for it. Its C library calls these; the comments give their names.

import type { FunctionImport } from './interpreter-build.ts'
import type { GuestMemory } from './guest-memory.ts'

/** Whom the interpreter calls. */
export interface ImportTarget {
  readonly memory: GuestMemory
  /** A function that was made with `newFunction(…, id)` is called; answers the address of a value to give up, or 0. */
  native(id: number, args: number, count: number): number
  /** The time is being read. */
  noteClock(): void
  /** The interpreter cannot go on. */
  abort(): never
}

/** WASI errno: the interpreter has no files. */
const errors = { notSupported: 52, notSeekable: 70 } as const
const minute = 60
/** Bytes of a time zone's name in C, with its NUL. */
const zoneNameBytes = 17

/** Makes the functions by the names of the pinned build. */
export const makeImports = (target: ImportTarget): Record<FunctionImport, (...args: never[]) => unknown> => {
  const { memory } = target
  const abort = (): never => target.abort()
  return {
    /** `__assert_fail` */
    b: abort,
    /** `fd_write(file, pieces, count, written)`: takes everything and shows it to nobody. */
    c: (_file: number, pieces: number, count: number, written: number) => {
      let bytes = 0
      for (let index = 0; index < count; index++) bytes += memory.word(pieces + 8 * index + 4)
      memory.setWord(written, bytes)
      return 0
    },
    /** `fd_close` */
    d: () => errors.notSupported,
    /** `environ_get` */
    e: () => 0,
    /** `environ_sizes_get(count, bytes)` */
    f: (count: number, bytes: number) => {
      memory.setWord(count, 0)
      memory.setWord(bytes, 0)
      return 0
    },
    /** `qts_host_normalize_module`: no loader is set, so that it is never called. */
    g: abort,
    /** `qts_host_load_module_source`: likewise. */
    h: abort,
    /** `qts_host_interrupt_handler`: the meter interrupts. */
    i: () => 0,
    /** `_setitimer_js` */
    j: () => 0,
    /** `emscripten_resize_heap(bytes)` */
    k: (bytes: number) => (memory.growTo(bytes >>> 0) ? 1 : 0),
    /** `_emscripten_runtime_keepalive_clear` */
    l: () => undefined,
    /** `_localtime_js(seconds, tm)` */
    m: (seconds: bigint, at: number) => writeLocalTime(memory, new Date(1000 * Number(seconds)), at),
    /** `_tzset_js(timezone, daylight, standardName, daylightName)` */
    n: (zone: number, daylight: number, standardName: number, daylightName: number) => {
      const [winter, summer] = zoneOffsets(new Date().getFullYear())
      memory.setWord(zone, minute * Math.max(winter, summer))
      memory.setWord(daylight, winter === summer ? 0 : 1)
      const [standard, saving] = winter >= summer ? [winter, summer] : [summer, winter]
      memory.writeText(zoneName(standard), standardName)
      memory.writeText(zoneName(saving), daylightName)
    },
    /** `fd_seek` */
    o: () => errors.notSeekable,
    /** `emscripten_date_now` */
    p: () => {
      target.noteClock()
      return Date.now()
    },
    /** `abort` */
    q: abort,
    /** `proc_exit` */
    r: abort,
    /** `qts_host_call_function(context, this, count, arguments, id)` */
    s: (_context: number, _self: number, count: number, args: number, id: number) => target.native(id, args, count),
    /** `qts_host_free_ref(runtime, id)`: there is nothing to free. */
    t: () => undefined,
  }
}

/** Offsets from UTC in January and in July, in minutes to the west. */
const zoneOffsets = (year: number): [number, number] => [
  new Date(year, 0, 1).getTimezoneOffset(),
  new Date(year, 6, 1).getTimezoneOffset(),
]

const zoneName = (offset: number): string => {
  const minutes = Math.abs(offset)
  const text = String(Math.floor(minutes / 60)).padStart(2, '0') + String(minutes % 60).padStart(2, '0')
  return `UTC${offset > 0 ? '-' : '+'}${text}`.slice(0, zoneNameBytes - 1)
}

/** A `struct tm` of the C library. */
const writeLocalTime = (memory: GuestMemory, date: Date, at: number): void => {
  const year = date.getFullYear()
  const dayOfYear = (Date.UTC(year, date.getMonth(), date.getDate()) - Date.UTC(year, 0, 1)) / 86_400_000
  const offset = date.getTimezoneOffset()
  const [winter, summer] = zoneOffsets(year)
  const fields = [
    ...[date.getSeconds(), date.getMinutes(), date.getHours(), date.getDate(), date.getMonth(), year - 1900],
    ...[date.getDay(), dayOfYear, winter !== summer && offset === Math.min(winter, summer) ? 1 : 0, -minute * offset],
  ]
  for (const [index, field] of fields.entries()) memory.setWord(at + 4 * index, field)
}
