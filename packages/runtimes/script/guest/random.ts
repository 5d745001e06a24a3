// Math.random: the engine's own starts from a state that every copy of a held interpreter would share. This one draws its
// state from the host at its first use, which comes after any copy was made. Not for secrets, as the standard says.

/** xoshiro128** (Blackman and Vigna, 2018), 53 bits of two draws for each number. */
export const makeRandom = (entropy: (count: number) => ArrayBuffer): (() => number) => {
  let state: Uint32Array | undefined
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))
  const draw = (s: Uint32Array): number => {
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0
    const t = s[1]! << 9
    s[2]! ^= s[0]!
    s[3]! ^= s[1]!
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= t
    s[3] = rotate(s[3]!, 11)
    return result
  }
  return () => {
    state ??= new Uint32Array(entropy(16))
    return ((draw(state) >>> 5) * 67_108_864 + (draw(state) >>> 6)) / 9_007_199_254_740_992
  }
}
