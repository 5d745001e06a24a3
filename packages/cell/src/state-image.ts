// The state of some instances, held outside of them: their memories (only the pages that differ from a base, or from
// zero), their mutable globals. What cannot be read from JavaScript is the caller's to rule out.

import type { Snapshot } from './driver.ts'
import type { WasmGlobal, WasmMemory } from './web-assembly.ts'

/** Unit of comparison, bytes: the page of the operating system. */
const unitBytes = 4096
/** Ranges up to this long are zeroed without a look; longer ones only where they are not zero, for writing takes memory. */
const mostBlindBytes = 64 * 1024
const wasmPageBytes = 65_536

interface Run {
  readonly at: number
  readonly bytes: Uint8Array
}

interface MemoryImage {
  readonly length: number
  readonly runs: readonly Run[]
}

/** See the file's head. */
export class StateImage implements Snapshot {
  readonly bytes: number
  readonly #memories: readonly MemoryImage[]
  readonly #globals: readonly (number | bigint)[]
  readonly #base: StateImage | undefined

  constructor(memories: readonly WasmMemory[], globals: readonly WasmGlobal[], base?: StateImage) {
    this.#base = base
    this.#memories = memories.map((memory, index) => imageOf(memory, base?.memoryAt(index)))
    this.#globals = globals.map((global) => global.value)
    this.bytes = this.#memories.reduce(
      (sum, { runs }) => sum + runs.reduce((total, run) => total + run.bytes.length, 0),
      8 * globals.length,
    )
  }

  /** The whole content of a memory; its length may be less than that of the memory it serves as a base for. */
  memoryAt(index: number): Uint8Array | undefined {
    const image = this.#memories[index]
    if (image === undefined) return undefined
    const whole = new Uint8Array(image.length)
    for (const { at, bytes } of this.#base?.runsOf(index) ?? []) whole.set(bytes, at)
    for (const { at, bytes } of image.runs) whole.set(bytes, at)
    return whole
  }

  runsOf(index: number): readonly Run[] {
    return this.#memories[index]?.runs ?? []
  }

  /**
   * Puts the state back; answers how many bytes it wrote. Undefined when a memory grew since: nothing was changed then.
   */
  restore(memories: readonly WasmMemory[], globals: readonly WasmGlobal[]): number | undefined {
    if (memories.length !== this.#memories.length || globals.length !== this.#globals.length) return undefined
    if (memories.some((memory, index) => memory.buffer.byteLength > (this.#memories[index]?.length ?? 0)))
      return undefined
    for (const [index, memory] of memories.entries()) {
      const missing = (this.#memories[index]?.length ?? 0) - memory.buffer.byteLength
      if (missing > 0) memory.grow(missing / wasmPageBytes)
    }
    let written = 0
    for (const [index, memory] of memories.entries()) {
      written += restoreMemory(new Uint8Array(memory.buffer), this.#base?.runsOf(index) ?? [], this.runsOf(index))
    }
    for (const [index, global] of globals.entries()) global.value = this.#globals[index] ?? 0
    return written
  }
}

const zeros = new Uint8Array(wasmPageBytes)

const imageOf = (memory: WasmMemory, base: Uint8Array | undefined): MemoryImage => {
  const whole = new Uint8Array(memory.buffer)
  const runs: Run[] = []
  let start = -1
  for (let at = 0; at <= whole.length; at += unitBytes) {
    const differs = at < whole.length && !isSame(whole, at, base)
    if (differs && start < 0) start = at
    if (differs || start < 0) continue
    runs.push({ at: start, bytes: whole.slice(start, at) })
    start = -1
  }
  return { length: whole.length, runs }
}

const isSame = (whole: Uint8Array, at: number, base: Uint8Array | undefined): boolean => {
  const unit = whole.subarray(at, at + unitBytes)
  const other =
    base !== undefined && at < base.length ? base.subarray(at, at + unitBytes) : zeros.subarray(0, unitBytes)
  return Buffer.compare(unit, other) === 0
}

/** Below the runs lie those of the base, and below these zeros. */
const restoreMemory = (into: Uint8Array, base: readonly Run[], runs: readonly Run[]): number => {
  let at = 0
  let written = 0
  const write = (run: Run): void => {
    into.set(run.bytes, run.at)
    written += run.bytes.length
  }
  for (const run of base.length === 0 ? runs : base) {
    written += zero(into, at, run.at)
    write(run)
    at = run.at + run.bytes.length
  }
  written += zero(into, at, into.length)
  if (base.length > 0) for (const run of runs) write(run)
  return written
}

/** Answers how many bytes it wrote. */
const zero = (into: Uint8Array, from: number, to: number): number => {
  if (to - from <= mostBlindBytes) {
    into.fill(0, from, to)
    return to - from
  }
  let written = 0
  for (let at = from; at < to; at += zeros.length) {
    const part = into.subarray(at, Math.min(at + zeros.length, to))
    if (Buffer.compare(part, part.length === zeros.length ? zeros : zeros.subarray(0, part.length)) === 0) continue
    part.fill(0)
    written += part.length
  }
  return written
}
