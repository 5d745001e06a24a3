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

interface Range {
  readonly from: number
  readonly to: number
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
  /** For each memory what instantiating writes there and the state has zeros for; found at the first need. */
  #instantiated: readonly (readonly Range[])[] | undefined

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
   * In fresh instances, in which nothing ran, only data segments are anything but zero, the same ones each time: what
   * lies between is not looked at, for a look alone makes the system map those pages.
   */
  restore(memories: readonly WasmMemory[], globals: readonly WasmGlobal[], isFresh = false): number | undefined {
    if (memories.length !== this.#memories.length || globals.length !== this.#globals.length) return undefined
    if (memories.some((memory, index) => memory.buffer.byteLength > (this.#memories[index]?.length ?? 0)))
      return undefined
    for (const [index, memory] of memories.entries()) {
      const missing = (this.#memories[index]?.length ?? 0) - memory.buffer.byteLength
      if (missing > 0) grow(memory, missing / wasmPageBytes)
    }
    const views = memories.map((memory) => new Uint8Array(memory.buffer))
    if (isFresh) this.#instantiated ??= views.map((view, index) => writtenBetween(view, this.#layers(index)))
    const instantiated = isFresh ? this.#instantiated : undefined
    let written = 0
    for (const [index, view] of views.entries()) {
      for (const { from, to } of instantiated?.[index] ?? gapsOf(view.length, this.#layers(index))) {
        written += clear(view, from, to)
      }
      for (const layer of this.#layers(index)) for (const run of layer) written += write(view, run)
    }
    for (const [index, global] of globals.entries()) global.value = this.#globals[index] ?? 0
    return written
  }

  /** The runs of a memory, lowest layer first; what no run covers is zero. */
  #layers(index: number): readonly (readonly Run[])[] {
    return this.#base === undefined ? [this.runsOf(index)] : [this.#base.runsOf(index), this.runsOf(index)]
  }
}

/** A memory of 64-bit addresses takes a big integer, which it tells by an error only. */
const grow = (memory: WasmMemory, pages: number): void => {
  try {
    memory.grow(pages)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    memory.grow(BigInt(pages))
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

/** What no run of the lowest layer covers; the layers above it are written anyway. */
const gapsOf = (length: number, [lowest = []]: readonly (readonly Run[])[]): Range[] => {
  const gaps: Range[] = []
  let from = 0
  for (const { at, bytes } of lowest) {
    if (at > from) gaps.push({ from, to: at })
    from = at + bytes.length
  }
  if (length > from) gaps.push({ from, to: length })
  return gaps
}

/** The units between the runs of the lowest layer that are not zero. */
const writtenBetween = (view: Uint8Array, layers: readonly (readonly Run[])[]): Range[] => {
  const written: Range[] = []
  for (const gap of gapsOf(view.length, layers)) {
    for (let from = gap.from; from < gap.to; from += unitBytes) {
      const to = Math.min(from + unitBytes, gap.to)
      if (Buffer.compare(view.subarray(from, to), zeros.subarray(0, to - from)) !== 0) written.push({ from, to })
    }
  }
  return written
}

const write = (into: Uint8Array, { at, bytes }: Run): number => {
  into.set(bytes, at)
  return bytes.length
}

/** Makes a range zero; answers how many bytes it wrote for that. */
export const clear = (into: Uint8Array, from: number, to: number): number => {
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
