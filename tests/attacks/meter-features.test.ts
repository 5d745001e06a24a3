// Parts of WebAssembly that are off: whatever of them is used, in a type, a memory, a table, an instruction or a constant, the
// module is refused, and so is an instruction that the meter does not know, in code that cannot be reached as well.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

const withCode = (code: readonly number[], more: (out: Bytes) => void = () => {}): Uint8Array => {
  const body = new Bytes().raw(0, ...code, 0x0b)
  const out = new Bytes()
    .raw(...header)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(3, new Bytes().raw(1, 0))
  more(out)
  return out.section(10, new Bytes().raw(1).u32(body.length).append(body)).taken()
}

const withSection = (id: number, ...bytes: readonly number[]): Uint8Array =>
  new Bytes()
    .raw(...header)
    .section(id, new Bytes().raw(...bytes))
    .taken()

const withMemory = (code: readonly number[]): Uint8Array =>
  withCode(code, (out) => void out.section(5, new Bytes().raw(1, 0, 1)))

type Feature = 'gc' | 'threads' | 'memory64'

const uses: readonly (readonly [feature: Feature, what: string, bytes: Uint8Array])[] = [
  ['gc', 'a struct type', withSection(1, 1, 0x5f, 0)],
  ['gc', 'an array type', withSection(1, 1, 0x5e, 0x78, 0)],
  ['gc', 'a recursive group', withSection(1, 1, 0x4e, 1, 0x5f, 0)],
  ['gc', 'a group of functions alone', withSection(1, 1, 0x4e, 1, 0x60, 0, 0)],
  ['gc', 'a function type that may have subtypes', withSection(1, 1, 0x50, 0, 0x60, 0, 0)],
  ['gc', 'a constant that is converted', withSection(6, 1, 0x6f, 0, 0xd0, 0x6f, 0xfb, 26, 0xfb, 27, 0x0b)],
  ['gc', 'a parameter of anyref', withSection(1, 1, 0x60, 1, 0x6e, 0)],
  ['gc', 'a result of i31ref', withSection(1, 1, 0x60, 0, 1, 0x6c)],
  ['gc', 'a global of anyref', withSection(6, 1, 0x6e, 0, 0xd0, 0x6e, 0x0b)],
  ['gc', 'a table of eqref', withSection(4, 1, 0x6d, 0, 1)],
  ['gc', 'ref.i31', withCode([0x41, 1, 0xfb, 28, 0x1a])],
  ['gc', 'ref.i31 that cannot be reached', withCode([0x00, 0x41, 1, 0xfb, 28, 0x1a])],
  ['gc', 'extern.convert_any', withCode([0xd0, 0x6e, 0xfb, 27, 0x1a])],
  ['threads', 'an atomic access to a memory of its own', withMemory([0x41, 0, 0xfe, 0x10, 2, 0, 0x1a])],
  ['threads', 'a fence', withCode([0xfe, 3, 0])],
  ['threads', 'a notification', withMemory([0x41, 0, 0x41, 1, 0xfe, 0, 2, 0, 0x1a])],
  ['threads', 'a shared memory', withSection(5, 1, 3, 1, 2)],
  ['threads', 'an imported shared memory', withSection(2, 1, 0, 0, 2, 3, 1, 2)],
  ['memory64', 'a memory', withSection(5, 1, 4, 1)],
  ['memory64', 'an imported memory', withSection(2, 1, 0, 0, 2, 5, 1, 2)],
  ['memory64', 'a table', withSection(4, 1, 0x70, 4, 1)],
]

test.each(uses)('%s is off: %s', (feature, _, bytes) => {
  expect(engine.validate(bytes)).toBe(true)
  const on = { gc: true, threads: true, memory64: true }
  for (const features of [{}, undefined, { ...on, [feature]: false }]) {
    const { features: _all, ...options } = wideOptions
    const result = meterModule(bytes, features === undefined ? options : { ...options, features })
    expect(result).toMatchObject({ ok: false, fault: { code: 'artifact.feature' } })
  }
  const result = meterModule(bytes, { ...wideOptions, features: { [feature]: true } })
  expect(result.ok).toBe(true)
  if (result.ok) expect(engine.validate(result.module.bytes)).toBe(true)
})

/** Opcodes that stand for nothing (WebAssembly 3.0), with and without prefixes. */
const unknown: readonly (readonly number[])[] = [
  [0x16],
  [0x17],
  [0x1d],
  [0x27],
  [0xc5],
  [0xcf],
  [0xd7],
  [0xe0],
  [0xe4],
  [0xf0],
  [0xff],
  [0xfb, 31],
  [0xfb, 40],
  [0xfb, 0x80, 0x80, 0x01],
  [0xfc, 18],
  [0xfc, 23],
  [0xfc, 0xff, 0x01],
  [0xfd, 0x9a, 0x01],
  [0xfd, 0x94, 0x02],
  [0xfd, 0xff, 0x7f],
  [0xfe, 4],
  [0xfe, 0x4f],
  [0xfe, 0xff, 0x01],
]

test.each(unknown)('the instruction %i %i is refused, whoever validates', (...code) => {
  for (const before of [[], [0x00]]) {
    for (const validate of [wideOptions.validate, () => undefined]) {
      const bytes = withCode([...before, ...code.filter((byte) => byte !== undefined), 0, 0, 0])
      const result = meterModule(bytes, { ...wideOptions, validate })

      expect(result.ok && engine.validate(result.module.bytes)).toBe(false)
    }
  }
})
