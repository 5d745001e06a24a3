// Writes the binary format for the generator: numbers in LEB128, now and then longer than need be, as the format allows.

import type { Prng } from './prng.ts'

/** Bytes that grow. */
export class Bytes {
  readonly #bytes: number[] = []
  readonly #random: Prng | undefined

  /** With a source of random choices, some numbers are written longer than need be. */
  constructor(random?: Prng) {
    this.#random = random
  }

  get length(): number {
    return this.#bytes.length
  }

  /** Appends bytes as they stand. */
  raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  /** Appends the bytes of another one. */
  append(other: Bytes | Uint8Array): this {
    for (const byte of other instanceof Bytes ? other.#bytes : other) this.#bytes.push(byte)
    return this
  }

  /** An unsigned number of at most 32 bits. */
  u32(value: number): this {
    let padding = this.#random?.chance(2) === true ? this.#random.between(1, 4) : 0
    let rest = value
    for (let count = 1; ; count++) {
      const low = rest & 0x7f
      rest >>>= 7
      if (rest === 0 && (padding-- <= 0 || count === 5)) {
        this.#bytes.push(low)
        return this
      }
      this.#bytes.push(low | 0x80)
    }
  }

  /** An unsigned number of at most 64 bits. */
  u64(value: bigint): this {
    let rest = value
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes.push(Number(rest & 0x7fn) | 0x80)
    return this.raw(Number(rest))
  }

  /** A signed number of at most 64 bits. */
  signed(value: number | bigint): this {
    let rest = BigInt(value)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) {
        this.#bytes.push(low)
        return this
      }
      this.#bytes.push(low | 0x80)
    }
  }

  f32(value: number): this {
    return this.append(new Uint8Array(new Float32Array([value]).buffer))
  }

  f64(value: number): this {
    return this.append(new Uint8Array(new Float64Array([value]).buffer))
  }

  /** A name: its length and its UTF-8. */
  name(text: string): this {
    const bytes = new TextEncoder().encode(text)
    return this.u32(bytes.length).append(bytes)
  }

  /** A section, unless it is empty. */
  section(id: number, body: Bytes | undefined): this {
    if (body === undefined) return this
    return this.raw(id).u32(body.length).append(body)
  }

  taken(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }
}
