// Modules that are large in one respect: each is refused with a reason or rewritten into something the engine takes, and
// what little bytes announce is never made before it is there.

import { expect, test } from 'vitest'
import { type MeterResult, meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const nothing = new Bytes().raw(1, 0x60, 0, 0)

/** Bytes over and over. */
const repeated = (count: number, ...bytes: readonly number[]): Uint8Array => {
  const out = new Uint8Array(count * bytes.length)
  for (let index = 0; index < out.length; index++) out[index] = bytes[index % bytes.length] as number
  return out
}

const section = (id: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array => {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  return Buffer.concat([new Bytes().raw(id).u32(body.length).taken(), body])
}

const number = (value: number): Uint8Array => new Bytes().u32(value).taken()

const moduleOf = (...sections: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.from(header), ...sections])

/** One function with these locals and this code. */
const withFunction = (locals: Uint8Array, code: Uint8Array): Uint8Array => {
  const body = Buffer.concat([locals, code, Uint8Array.of(0x0b)])
  return moduleOf(section(1, nothing.taken()), section(3, [1, 0]), section(10, [1], number(body.length), body))
}

const noLocals = Uint8Array.of(0)

/** Never throws, never takes what the engine refuses, never writes it either. */
const meter = (bytes: Uint8Array, more: Partial<typeof wideOptions> = {}): MeterResult => {
  const isValid = engine.validate(bytes)
  let result: MeterResult | undefined
  for (const fuel of [true, false]) {
    result = meterModule(bytes, { ...wideOptions, ...more, fuel })
    if (!result.ok) continue
    expect(isValid).toBe(true)
    expect(engine.validate(result.module.bytes)).toBe(true)
  }
  return result as MeterResult
}

test.each([
  [1000, true],
  [49_000, true],
  [50_000, false],
  [50_001, false],
  [2 ** 31, false],
  [2 ** 32 - 1, false],
])('%i locals', (count, isTaken) => {
  const locals = Buffer.concat([Uint8Array.of(1), number(count), Uint8Array.of(0x7f)])
  expect(meter(withFunction(locals, repeated(3, 0x03, 0x40, 0x0b))).ok).toBe(isTaken)
})

test('locals whose numbers overflow together, or come in many groups', () => {
  const group = Buffer.concat([number(2 ** 31), Uint8Array.of(0x7f)])
  expect(meter(withFunction(Buffer.concat([number(2), group, group]), new Uint8Array())).ok).toBe(false)
  expect(meter(withFunction(Buffer.concat([number(2 ** 32 - 1)]), new Uint8Array())).ok).toBe(false)
  meter(withFunction(Buffer.concat([number(40_000), repeated(40_000, 1, 0x7f)]), new Uint8Array()))
})

test.each([
  ['blocks', [0x02, 0x40], [0x0b]],
  ['loops', [0x03, 0x40], [0x0b]],
  ['ifs', [0x41, 0, 0x04, 0x40], [0x0b]],
  ['try_tables', [0x1f, 0x40, 0], [0x0b]],
  ['legacy handlers', [0x06, 0x40], [0x19, 0x0b]],
] as const)('%s nested 100, 5,000 and 300,000 deep', (_, open, close) => {
  for (const depth of [100, 5000, 300_000]) {
    const { ok } = meter(withFunction(noLocals, Buffer.concat([repeated(depth, ...open), repeated(depth, ...close)])))
    if (depth === 100) expect(ok).toBe(true)
    if (depth === 300_000) expect(ok).toBe(false)
  }
})

test.each([10, 65_000, 3_000_000])('a br_table of %i entries', (entries) => {
  const loops = 3
  const table = Buffer.concat([Uint8Array.of(0x41, 0, 0x0e), number(entries), repeated(entries + 1, loops - 1)])
  const code = Buffer.concat([repeated(loops, 0x03, 0x40), table, repeated(loops, 0x0b)])
  expect(meter(withFunction(noLocals, code)).ok).toBe(entries < 65_520)
})

test.each([1000, 2 ** 31])('a br_table that announces %i entries and ends', (entries) => {
  expect(meter(withFunction(noLocals, Buffer.concat([Uint8Array.of(0x41, 0, 0x0e), number(entries)]))).ok).toBe(false)
})

test('a huge type section', () => {
  expect(meter(moduleOf(section(1, number(50_000), repeated(50_000, 0x60, 0, 0)))).ok).toBe(true)
  expect(meter(moduleOf(section(1, number(1_000_001), repeated(1_000_001, 0x60, 0, 0)))).ok).toBe(false)
  const wide = Buffer.concat([
    Uint8Array.of(0x60),
    number(1000),
    repeated(1000, 0x7f),
    number(1000),
    repeated(1000, 0x7f),
  ])
  meter(moduleOf(section(1, number(2000), Buffer.concat(Array.from({ length: 2000 }, () => wide)))))
  const tooWide = Buffer.concat([Uint8Array.of(1, 0x60), number(100_000), repeated(100_000, 0x7f), Uint8Array.of(0)])
  expect(meter(moduleOf(section(1, tooWide))).ok).toBe(false)
})

test.each([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13])('section %i announces four billion entries and has none', (id) => {
  for (const count of [2 ** 32 - 1, 2 ** 31, 1_000_000])
    expect(meter(moduleOf(section(id, number(count)))).ok).toBe(false)
})

test.each([0, 1, 10, 11])('section %i is longer than the module', (id) => {
  expect(meter(moduleOf(Buffer.concat([Uint8Array.of(id), number(2 ** 32 - 1), new Uint8Array(10)]))).ok).toBe(false)
})

test('data segments beyond their memory balloon nothing', () => {
  const segment = [0, 0x41, 0, 0x0b, 1, 0x61]
  const segments = section(11, number(50_000), repeated(50_000, ...segment))
  expect(meter(moduleOf(section(5, [1, 0, 1]), segments)).ok).toBe(true)
  // Minima that are beyond the limit are refused, however they are split.
  const pages = Buffer.concat(Array.from({ length: 8 }, () => Buffer.concat([Uint8Array.of(0), number(60_000)])))
  const result = meter(moduleOf(section(5, number(8), pages)), { maxMemoryPages: 1600 })
  expect(result).toMatchObject({ ok: false, fault: { code: 'limit.memory' } })
  const tables = Buffer.concat(Array.from({ length: 8 }, () => Buffer.concat([Uint8Array.of(0x70, 0), number(60_000)])))
  expect(meter(moduleOf(section(4, number(8), tables)), { maxTableElements: 200_000 })).toMatchObject({ ok: false })
})

test('all memories together stay below the limit, each with a maximum', () => {
  const result = meter(moduleOf(section(5, number(3), [0, 1, 0, 2, 0, 3])), { maxMemoryPages: 100 })
  if (!result.ok) throw new Error(result.fault.message)
  const maxima = result.module.memories.map(({ max }) => max ?? Number.POSITIVE_INFINITY)
  expect(maxima.reduce((sum, max) => sum + max, 0)).toBeLessThanOrEqual(100)
})

test('no limit makes a memory that the engine does not have', () => {
  for (const maxMemoryPages of [65_535, 65_536, 65_537, 100_000, 2 ** 32]) {
    expect(meter(moduleOf(section(5, [1, 0, 1])), { maxMemoryPages }).ok).toBe(true)
  }
})

test('a module of 100 MB', () => {
  const padding = section(0, [1, 0x78], new Uint8Array(100_000_000))
  const bytes = moduleOf(padding)
  const result = meterModule(bytes, { ...wideOptions, maxModuleBytes: 64 * 1024 * 1024 })
  expect(result).toMatchObject({ ok: false, fault: { code: 'artifact.too-large' } })
  expect(meterModule(bytes, { ...wideOptions, maxModuleBytes: 101_000_000 }).ok).toBe(true)
})

test('custom sections by the thousand, and absurd ones', () => {
  const small = section(0, [1, 0x78])
  expect(meter(moduleOf(...Array.from({ length: 5000 }, () => small))).ok).toBe(true)
  meter(moduleOf(...Array.from({ length: 100_000 }, () => small)))
  const named = (name: string, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
    section(0, new Bytes().name(name).taken(), ...parts)
  const absurd = [number(2 ** 32 - 1), [1], number(2 ** 32 - 1), [0xff, 0xff, 0xff], [1, 3, 0, 1, 1]]
  for (const name of ['name', 'metadata.code.branch_hint', 'producers', 'target_features', 'dylink.0', '']) {
    for (const content of absurd) {
      expect(meter(moduleOf(section(1, nothing.taken()), named(name, content), named(name, content))).ok, name).toBe(
        true,
      )
    }
  }
})

test('numbers longer than their type allows are refused, padded ones within it are not', () => {
  const types = (count: readonly number[]): Uint8Array => moduleOf(section(1, count, [0x60, 0, 0]))
  expect(meter(types([0x81, 0x80, 0x80, 0x80, 0x00])).ok).toBe(true)
  expect(meter(types([0x81, 0x80, 0x80, 0x80, 0x80, 0x00])).ok).toBe(false)
  expect(meter(types([0x81, 0x80, 0x80, 0x80, 0x10])).ok).toBe(false)
  const constant = (...bytes: readonly number[]): Uint8Array => withFunction(noLocals, Uint8Array.of(...bytes, 0x1a))
  expect(meter(constant(0x41, 0x80, 0x80, 0x80, 0x80, 0x00)).ok).toBe(true)
  expect(meter(constant(0x41, 0xff, 0xff, 0xff, 0xff, 0x7f)).ok).toBe(true)
  for (const bytes of [
    [0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    [0x41, 0xff, 0xff, 0xff, 0xff, 0x0f],
    [0x42, ...repeated(10, 0x80), 0x00],
    [0x41, ...repeated(1000, 0x80), 0x00],
    [0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  ]) {
    expect(meter(constant(...bytes)).ok).toBe(false)
    // Without the engine's judgement as well, nothing of it may come out valid.
    const result = meterModule(constant(...bytes), { ...wideOptions, validate: () => undefined })
    expect(result.ok && engine.validate(result.module.bytes)).toBe(false)
  }
})
