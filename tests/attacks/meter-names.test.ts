// Names that would reach what is the meter's: nothing of its namespace may be imported or exported by a guest, however the
// name is written, and a name that only looks like it is another one.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { meterOrThrow, Registers, wideOptions } from '../../packages/meter/fuzz/metering.ts'

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** Kinds of imports with their types. */
const kinds: Readonly<Record<string, readonly number[]>> = {
  function: [0, 0],
  table: [1, 0x70, 0, 1],
  memory: [2, 0, 1],
  'mutable global': [3, 0x7f, 1],
  tag: [4, 0, 0],
}

const importing = (module: string, name: string, type: readonly number[]): Uint8Array =>
  new Bytes()
    .raw(...header)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(
      2,
      new Bytes()
        .raw(1)
        .name(module)
        .name(name)
        .raw(...type),
    )
    .taken()

const exporting = (name: string): Uint8Array =>
  new Bytes()
    .raw(...header)
    .section(6, new Bytes().raw(1, 0x7f, 1, 0x41, 0, 0x0b))
    .section(7, new Bytes().raw(1).name(name).raw(3, 0))
    .taken()

const reserved = [
  'bulkhead:meter',
  'bulkhead:meter/',
  'bulkhead:meter/global/0',
  'bulkhead:meter\u0000',
  'bulkhead:meter ',
  'bulkhead:meters',
]
const names = ['state', 'epoch', 'interrupt', 'memory/0', '', 'anything']

test.each(reserved.flatMap((module) => Object.keys(kinds).map((kind) => [module, kind] as const)))(
  'from %j no %s is imported',
  (module, kind) => {
    for (const name of names) {
      const bytes = importing(module, name, kinds[kind] ?? [])
      expect(engine.validate(bytes)).toBe(true)
      expect(meterModule(bytes, wideOptions)).toMatchObject({ ok: false, fault: { code: 'artifact.feature' } })
    }
  },
)

test.each(reserved)('as %j nothing is exported', (name) => {
  expect(engine.validate(exporting(name))).toBe(true)
  expect(meterModule(exporting(name), wideOptions)).toMatchObject({ ok: false, fault: { code: 'artifact.feature' } })
})

// What one module exports under the meter's names (its private globals, its start) a linked one could import by that name.
test.each(reserved)('from another module nothing named %j is imported', (name) => {
  for (const type of Object.values(kinds)) {
    expect(engine.validate(importing('other', name, type))).toBe(true)
    expect(meterModule(importing('other', name, type), wideOptions)).toMatchObject({ ok: false })
  }
})

const lookalikes = [
  '\ufeffbulkhead:meter',
  'bulkhead:mete\u0301r',
  'Bulkhead:meter',
  'bulkhead\uff1ameter',
  'bulkhead:\u200bmeter',
  '\u0000bulkhead:meter',
  ' bulkhead:meter',
  '',
]

test.each(lookalikes)('%j is another name, and finds nothing of the meter', (module) => {
  const bytes = importing(module, 'state', kinds['mutable global'] ?? [])
  const metered = meterOrThrow(bytes)
  expect(metered.imports).toEqual([{ module, name: 'state', kind: 'global' }])
  const registers = new Registers()
  const compiled = new engine.Module(metered.bytes)
  expect(() => new engine.Instance(compiled, registers.importsFor(metered))).toThrow(TypeError)
})

test('a name that is not UTF-8 is refused', () => {
  const bytes = importing('abc', 'state', kinds['mutable global'] ?? [])
  for (const odd of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    const changed = bytes.slice()
    changed.set(odd.slice(0, 3), bytes.indexOf(0x61, 16))
    expect(engine.validate(changed)).toBe(false)
    expect(meterModule(changed, { ...wideOptions, validate: () => undefined })).toMatchObject({ ok: false })
  }
})

test('names of objects are names like others', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(meterOrThrow(exporting(name)).exports).toEqual([{ name, kind: 'global' }])
    expect(meterOrThrow(importing(name, name, kinds['function'] ?? [])).imports).toEqual([
      { module: name, name, kind: 'function' },
    ])
  }
})

test('the state is imported, never exported, and no memory of the meter is either', () => {
  const { bytes } = meterOrThrow(exporting('g'), { fuel: true })
  const exports = engine.Module.exports(new engine.Module(bytes))
  expect(exports).toEqual([
    { name: 'g', kind: 'global' },
    { name: 'bulkhead:meter/global/0', kind: 'global' },
  ])
  const metered = meterOrThrow(exporting('g'), { fuel: true })
  const registers = new Registers()
  const instance = new engine.Instance(new engine.Module(metered.bytes), registers.importsFor(metered))
  for (const exported of Object.values(instance.exports)) {
    expect([registers.state, registers.fuel, registers.epoch]).not.toContain(exported)
  }
})
