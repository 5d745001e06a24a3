// Does the meter bear whatever bytes it is given? Valid modules are damaged at random. The meter must never throw, never
// take what the engine refuses, always write what the engine takes, and import nothing beside what it says.

import { meterModule, meterNamespace } from '../src/index.ts'
import { endlessConstructs, endlessModule } from './endless.ts'
import { engine } from './engine.ts'
import { generateModule } from './generate.ts'
import { wideOptions } from './metering.ts'
import { Prng } from './prng.ts'
import type { Finding, Tally } from './report.ts'

/** How many damaged ones are made of one module. */
const mutantsOfOne = 40

/** Names in the meter's namespace, as its contract has them. */
const meterImports = /^(interrupt|yield|epoch|state|fuel|allocation|blocks|input-offset|input-length|memory\/\d+)$/u
const meterExports = /^bulkhead:meter\/(start|global\/\d+)$/u

/** Refusals of what is valid that are meant: what is off, what is too large. */
const refusals = new Set(['artifact.feature', 'artifact.too-large', 'limit.memory'])

/** Tries the damaged modules of one seed. */
export const tryMutation = (seed: number, tally: Tally): Finding | undefined => {
  const random = new Prng(seed)
  const original = random.chance(10) ? endlessModule(random.pick(endlessConstructs)) : generateModule(seed).bytes
  for (let count = 0; count < mutantsOfOne; count++) {
    const bytes = mutate(original, random)
    tally.modules++
    const what = judge(bytes, random.chance(50), tally)
    if (what !== undefined) return { oracle: 'mutation', seed, what, bytes }
  }
  return undefined
}

/** What is wrong with how the meter treats these bytes. */
export const judge = (bytes: Uint8Array, fuel: boolean, tally: Tally): string | undefined => {
  const isValid = engine.validate(bytes)
  if (isValid) tally.valid++
  try {
    // Nothing relies on the engine's judgement to come before; only what is written then need not be valid.
    meterModule(bytes, { ...wideOptions, fuel, validate: () => undefined })
  } catch (thrown) {
    return `the meter throws when nobody validates: ${String(thrown)}`
  }
  try {
    const result = meterModule(bytes, { ...wideOptions, fuel })
    if (!result.ok) {
      if (isValid && !refusals.has(result.fault.code) && !isLenient(result.fault.message, bytes)) {
        return `the meter refuses what is valid: ${result.fault.code}: ${result.fault.message}`
      }
      return undefined
    }
    if (!isValid) return 'the meter takes what the engine refuses'
    return judgeOutput(bytes, result.module.bytes)
  } catch (thrown) {
    return `the meter throws: ${String(thrown)}`
  }
}

/**
 * Whether only the engine takes it: it reads the attribute of a tag as a number of any length, where the standard has one byte,
 * and it judges a module that mixes the encodings of exceptions in several functions one way or the other by chance.
 */
const isLenient = (message: string, bytes: Uint8Array): boolean =>
  message.includes('a tag has an unknown attribute') || !engine.validate(bytes)

/** What is wrong with a metered module beside the original. */
export const judgeOutput = (original: Uint8Array, metered: Uint8Array): string | undefined => {
  if (!engine.validate(metered)) return `the meter writes what the engine refuses: ${whyInvalid(metered)}`
  const before = new engine.Module(original)
  const after = new engine.Module(metered)
  const key = ({ module, name, kind }: { module?: string; name: string; kind: string }): string =>
    JSON.stringify([module, name, kind])
  const imports = engine.Module.imports(after)
  const own = imports.filter(({ module }) => module === meterNamespace)
  const odd = own.find(({ name }) => !meterImports.test(name))
  if (odd !== undefined) return `the meter imports ${odd.name}`
  const others = imports.filter(({ module }) => module !== meterNamespace).map(key)
  if (others.join() !== engine.Module.imports(before).map(key).join()) return 'the imports differ'
  const exports = engine.Module.exports(after)
  const oddExport = exports.find(({ name }) => name.startsWith(meterNamespace) && !meterExports.test(name))
  if (oddExport !== undefined) return `the meter exports ${oddExport.name}`
  const kept = exports.filter(({ name }) => !name.startsWith(meterNamespace)).map(key)
  if (kept.join() !== engine.Module.exports(before).map(key).join()) return 'the exports differ'
  return undefined
}

const whyInvalid = (bytes: Uint8Array): string => {
  try {
    return `${String(new engine.Module(bytes))} was compiled`
  } catch (thrown) {
    return String(thrown)
  }
}

/** Damages a copy. */
export const mutate = (original: Uint8Array, random: Prng): Uint8Array => {
  let bytes = Array.from(original)
  const changes = random.pick([1, 1, 1, 2, 3, 8])
  for (let change = 0; change < changes; change++) {
    const at = random.between(8, Math.max(8, bytes.length - 1))
    switch (random.below(9)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes[at] = random.below(256)
        break
      case 2:
        bytes[at] = random.pick([
          0, 1, 2, 3, 0x0b, 0x10, 0x23, 0x24, 0x40, 0x7f, 0x80, 0xd2, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
        ])
        break
      case 3:
        bytes[at] = ((bytes[at] ?? 0) + random.pick([1, 255])) & 0xff
        break
      case 4:
        bytes.splice(at, random.between(1, 6))
        break
      case 5:
        bytes.splice(at, 0, ...Array.from({ length: random.between(1, 6) }, () => random.below(256)))
        break
      case 6:
        bytes.splice(at, 0, ...bytes.slice(at, at + random.between(1, 60)))
        break
      case 7:
        // The same number, longer.
        bytes.splice(at, 1, (bytes[at] ?? 0) | 0x80, 0)
        break
      default:
        if (random.chance(20)) bytes = bytes.slice(0, at)
        else
          bytes.splice(
            at,
            random.between(1, 30),
            ...bytes.slice(random.below(bytes.length), random.below(bytes.length)),
          )
    }
  }
  return Uint8Array.from(bytes)
}
