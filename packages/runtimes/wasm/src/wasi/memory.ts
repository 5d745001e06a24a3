// Guest memory as WASI calls see it. Pointers are the guest's word: a range that leaves the memory gives `fault`, and no
// view is kept, for a memory that grows detaches its buffer.

import type { WasmMemory } from '@bulkhead/cell'
import type { WasmValue } from '../import-guard.ts'

/** Error numbers of WASI preview 1 (`wasi_snapshot_preview1.witx`, type errno). */
export const errno = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  nosys: 52,
  notsup: 58,
  spipe: 70,
  notcapable: 76,
} as const

/** Thrown inside a WASI call to end it with an error number. */
export class WasiErrno extends Error {
  readonly errno: number

  constructor(code: number) {
    super(`errno ${code}`)
    this.errno = code
  }
}

/** An i32 of the guest as an unsigned number. */
export const u32 = (value: WasmValue | undefined): number => Number(value ?? 0) >>> 0

/** A window on the guest's memory. Make a new one for each call and after each wait. */
export class GuestMemory {
  readonly #view: DataView
  readonly #bytes: Uint8Array

  constructor(memory: WasmMemory | undefined) {
    if (memory === undefined) throw new WasiErrno(errno.fault)
    this.#view = new DataView(memory.buffer)
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** The bytes of a range, not copied. @throws WasiErrno `fault` */
  range(at: number, length: number): Uint8Array {
    if (at + length > this.#bytes.length) throw new WasiErrno(errno.fault)
    return this.#bytes.subarray(at, at + length)
  }

  getU32(at: number): number {
    this.range(at, 4)
    return this.#view.getUint32(at, true)
  }

  getU64(at: number): bigint {
    this.range(at, 8)
    return this.#view.getBigUint64(at, true)
  }

  setU8(at: number, value: number): void {
    this.range(at, 1)
    this.#view.setUint8(at, value)
  }

  setU16(at: number, value: number): void {
    this.range(at, 2)
    this.#view.setUint16(at, value, true)
  }

  setU32(at: number, value: number): void {
    this.range(at, 4)
    this.#view.setUint32(at, value, true)
  }

  setU64(at: number, value: bigint): void {
    this.range(at, 8)
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true)
  }

  /** The buffers of an iovec array. @throws WasiErrno */
  vectors(at: number, count: number): Uint8Array[] {
    if (count > 1024) throw new WasiErrno(errno.inval)
    return Array.from({ length: count }, (_, index) =>
      this.range(this.getU32(at + index * 8), this.getU32(at + index * 8 + 4)),
    )
  }
}
