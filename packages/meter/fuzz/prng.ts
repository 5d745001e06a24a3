// Random choices that a seed determines wholly, so that whatever a fuzzer finds can be had again. Not for secrets.

/** A stream of random choices (xoshiro128**, Blackman and Vigna 2018; seeded by splitmix32). */
export class Prng {
  readonly #state = new Uint32Array(4)

  /** The same seed gives the same stream. */
  constructor(seed: number) {
    let mixed = seed >>> 0
    for (let index = 0; index < 4; index++) {
      mixed = (mixed + 0x9e3779b9) >>> 0
      let word = mixed
      word = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
      this.#state[index] = word ^ (word >>> 16)
    }
  }

  /** 32 random bits, unsigned. */
  u32(): number {
    const state = this.#state
    const [a = 0, b = 0, c = 0, d = 0] = state
    const scrambled = Math.imul(b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    const third = c ^ a
    const fourth = d ^ b
    state[1] = b ^ third
    state[0] = a ^ fourth
    state[2] = third ^ (b << 9)
    state[3] = (fourth << 11) | (fourth >>> 21)
    return result
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return this.u32() % count
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(1000) < percent * 10
  }

  /** One of the items, of which there must be one. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item
  }

  /** 64 bits that are often at an edge: small, or at the ends of a range. */
  interesting64(): bigint {
    const edges = [0n, 1n, -1n, 2n, 7n, 0x7fn, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 1n << 63n]
    if (this.chance(70)) return BigInt.asIntN(64, this.pick(edges) + BigInt(this.between(-1, 1)))
    return BigInt.asIntN(64, (BigInt(this.u32()) << 32n) | BigInt(this.u32()))
  }

  /** As {@link interesting64}, 32 bits, signed. */
  interesting32(): number {
    return Number(BigInt.asIntN(32, this.interesting64()))
  }

  /** A double that is often at an edge. */
  interestingDouble(): number {
    const edges = [
      0,
      -0,
      1,
      -1,
      0.5,
      1.5,
      Number.NaN,
      Infinity,
      -Infinity,
      2 ** 31,
      2 ** 32,
      2 ** 63,
      -(2 ** 63),
      1e-40,
    ]
    return this.chance(70) ? this.pick(edges) : this.interesting32() / this.between(1, 1000)
  }
}
