// Values of the official test suite: as bits, so that no number changes on its way through JavaScript.

import type { ScriptValue } from './script.ts'

/** A host reference of a script, by its number. */
const hostReferences = new Map<string, object>()

const hostReference = (number: string): object => {
  const found = hostReferences.get(number) ?? { host: number }
  hostReferences.set(number, found)
  return found
}

/** Whether a call with such values has to pass an adapter: what JavaScript cannot hold bit for bit. */
export const needsBits = ({ type, values }: ScriptValue): boolean =>
  type === 'f32' ||
  type === 'f64' ||
  type === 'v128' ||
  type === 'exnref' ||
  type === 'nullexnref' ||
  (values ?? []).some(needsBits)

const laneBits = { i8: 8, i16: 16, i32: 32, i64: 64, f32: 32, f64: 64 } as const

/** The two halves of a vector, the lower one first. */
const halves = (lanes: readonly string[], width: number): [bigint, bigint] => {
  const whole = lanes.reduce(
    (sum, lane, index) => sum | (BigInt.asUintN(width, BigInt(lane)) << BigInt(index * width)),
    0n,
  )
  return [BigInt.asIntN(64, whole), BigInt.asIntN(64, whole >> 64n)]
}

/** An argument as what an adapter takes: integers alone. */
export const argumentBits = ({ type, value = '0', lane_type = 'i64' }: ScriptValue): unknown[] => {
  if (type === 'v128') return halves(value as readonly string[], laneBits[lane_type])
  if (type === 'i32' || type === 'f32') return [Number(BigInt.asIntN(32, BigInt(value as string)))]
  if (type === 'i64' || type === 'f64') return [BigInt.asIntN(64, BigInt(value as string))]
  throw new Error(`an adapter takes no ${type}`)
}

/** An argument for a direct call. */
export const argumentValue = (given: ScriptValue): unknown => {
  const { type, value } = given
  if (type === 'i32' || type === 'i64') return argumentBits(given)[0]
  if (value === 'null') return null
  if (type === 'externref' || type === 'anyref') return hostReference(String(value))
  throw new Error(`JavaScript has no ${type}`)
}

/** Whether the bits are a NaN of the kind that is asked for. */
const isNan = (bits: bigint, width: number, kind: string): boolean => {
  const mantissa = width === 32 ? 23n : 52n
  const quiet = ((1n << BigInt(width - 1)) - 1n) ^ ((1n << (mantissa - 1n)) - 1n)
  const positive = bits & ((1n << BigInt(width - 1)) - 1n)
  return kind === 'nan:canonical' ? positive === quiet : (positive & quiet) === quiet
}

const matchesNumber = (bits: bigint, width: number, expected: string): boolean => {
  const unsigned = BigInt.asUintN(width, bits)
  if (expected.startsWith('nan:')) return isNan(unsigned, width, expected)
  return unsigned === BigInt.asUintN(width, BigInt(expected))
}

/** How many values an adapter gives for one. */
export const widthInBits = ({ type, values }: ScriptValue): number =>
  type === 'v128' || values?.[0]?.type === 'v128' ? 2 : 1

/** Whether what an adapter gave is as expected. */
export const matchesBits = (given: readonly unknown[], expected: ScriptValue): boolean => {
  const { type, value = '0', lane_type = 'i64', values } = expected
  if (type === 'either') return (values ?? []).some((one) => matchesBits(given, one))
  if (type === 'nullexnref' || (type === 'exnref' && value === 'null')) return given[0] === 1
  if (type === 'exnref') return given[0] === 0
  if (type !== 'v128')
    return matchesNumber(BigInt(given[0] as number), type === 'i32' || type === 'f32' ? 32 : 64, String(value))
  const [low = 0n, high = 0n] = (given as bigint[]).map((half) => BigInt.asUintN(64, half))
  const whole = low | (high << 64n)
  const width = laneBits[lane_type]
  return (value as readonly string[]).every((lane, index) =>
    matchesNumber(BigInt.asUintN(width, whole >> BigInt(index * width)), width, lane),
  )
}

/** Whether what a direct call gave is as expected. */
export const matchesValue = (given: unknown, expected: ScriptValue): boolean => {
  const { type, value, values } = expected
  if (type === 'either') return (values ?? []).some((one) => matchesValue(given, one))
  if (type === 'i32' || type === 'i64') {
    return (typeof given === 'number' || typeof given === 'bigint') && matchesBits([given], expected)
  }
  if (value === 'null' || type.startsWith('null') || type === 'refnull') return given === null
  if (value !== undefined) return given === hostReference(String(value))
  if (type === 'funcref') return typeof given === 'function'
  if (type === 'i31ref') return typeof given === 'number'
  return given !== null && given !== undefined
}
