// SHA-256 (FIPS 180-4) in plain TypeScript.

const rounds = 64

/** The first 32 bits of the fractional parts of a root of the first primes (section 4.2.2 and 5.3.3). */
const fractions = (count: number, root: number): Uint32Array => {
  const words = new Uint32Array(count)
  for (let found = 0, candidate = 2; found < count; candidate++) {
    if (hasDivisor(candidate)) continue
    const value = candidate ** (1 / root)
    words[found++] = (value - Math.floor(value)) * 2 ** 32
  }
  return words
}

const hasDivisor = (candidate: number): boolean => {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return true
  return false
}

const constants = fractions(rounds, 3)
const start = fractions(8, 2)

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** The digest of bytes: 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, bytes.length << 3)
  const hash = start.slice()
  const schedule = new Uint32Array(rounds)
  for (let at = 0; at < padded.length; at += 64) addBlock(hash, schedule, { view, at })
  const digest = new Uint8Array(32)
  const words = new DataView(digest.buffer)
  for (let index = 0; index < 8; index++) words.setUint32(4 * index, hash[index] ?? 0)
  return digest
}

const addBlock = (
  hash: Uint32Array,
  schedule: Uint32Array,
  { view, at }: { readonly view: DataView; readonly at: number },
): void => {
  for (let index = 0; index < 16; index++) schedule[index] = view.getUint32(at + 4 * index)
  for (let index = 16; index < rounds; index++) {
    const early = schedule[index - 15] ?? 0
    const late = schedule[index - 2] ?? 0
    const one = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3)
    const two = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10)
    schedule[index] = (schedule[index - 16] ?? 0) + one + (schedule[index - 7] ?? 0) + two
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let index = 0; index < rounds; index++) {
    const choice = (e & f) ^ (~e & g)
    const sum = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const one = (h + sum + choice + (constants[index] ?? 0) + (schedule[index] ?? 0)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  const added = [a, b, c, d, e, f, g, h]
  for (let index = 0; index < 8; index++) hash[index] = (hash[index] ?? 0) + (added[index] ?? 0)
}
