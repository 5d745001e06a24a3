// The meter's own handlers are written as the module writes its: the engine refuses a module that mixes the two encodings,
// and takes some types alone for a use of the standard one.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { meterOrThrow, wideOptions } from '../../packages/meter/fuzz/metering.ts'

/** One function of type `[] -> []`, with a local and a body, and an import to be wrapped. */
const moduleOf = (local: readonly number[], code: readonly number[]): Uint8Array => {
  const body = new Bytes().raw(...(local.length === 0 ? [0] : [1, 1, ...local]), ...code, 0x0b)
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(2, 0x60, 0, 0, 0x60, 1, 0x69, 0))
    .section(2, new Bytes().raw(1).name('env').name('f').raw(0, 0))
    .section(3, new Bytes().raw(1, 0))
    .section(13, new Bytes().raw(1, 0, 0))
    .section(10, new Bytes().raw(1).u32(body.length).append(body))
    .taken()
}

test.each([
  ['nothing of exceptions', [], []],
  ['a throw alone', [], [0x08, 0]],
  ['a local of exnref', [0x69], []],
  ['a local of (ref null exn)', [0x63, 0x69], []],
  ['a local of (ref null noexn)', [0x63, 0x74], []],
  ['ref.null exn', [], [0xd0, 0x69, 0x1a]],
  ['ref.null noexn', [], [0xd0, 0x74, 0x1a]],
  ['a block that gives an exnref', [], [0x02, 0x69, 0x00, 0x0b, 0x1a]],
  ['a block type with an exnref', [], [0x00, 0x02, 1, 0x1a, 0x0b]],
  ['a select of exnref', [], [0x00, 0x1c, 1, 0x69, 0x1a]],
  ['try_table', [], [0x1f, 0x40, 1, 2, 0, 0x0b]],
  ['throw_ref', [], [0xd0, 0x69, 0x0a]],
  ['try without a handler', [], [0x06, 0x40, 0x0b]],
  ['try and catch_all', [], [0x06, 0x40, 0x19, 0x0b]],
  ['try that cannot be reached', [], [0x00, 0x06, 0x40, 0x0b]],
  ['delegate', [], [0x06, 0x40, 0x18, 0]],
])('%s', (_, local, code) => {
  const bytes = moduleOf(local, code)
  expect(engine.validate(bytes)).toBe(true)
  for (const fuel of [false, true]) {
    const metered = meterOrThrow(bytes, { fuel })
    expect(() => new engine.Module(metered.bytes)).not.toThrow()
  }
})

const results = [
  ['exnref', [1, 0x69]],
  ['nullexnref', [1, 0x74]],
  ['(ref null exn)', [1, 0x63, 0x69]],
  ['exnref and i32', [2, 0x69, 0x7f]],
] as const

test.each(results)('an import that gives %s', (_, given) => {
  for (const code of [[], [0x06, 0x40, 0x0b], [0x1f, 0x40, 0, 0x0b]]) {
    const body = new Bytes().raw(0, ...code, 0x0b)
    const bytes = new Bytes()
      .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
      .section(1, new Bytes().raw(2, 0x60, 0, 0, 0x60, 0, ...given))
      .section(2, new Bytes().raw(1).name('env').name('f').raw(0, 1))
      .section(3, new Bytes().raw(1, 0))
      .section(10, new Bytes().raw(1).u32(body.length).append(body))
      .taken()
    expect(engine.validate(bytes)).toBe(true)
    expect(() => new engine.Module(meterOrThrow(bytes).bytes)).not.toThrow()
  }
})

// The engine validates functions on several threads and notices a mix only within one of them: what it takes now it may
// refuse later.
test('both encodings, each in a function of its own, are refused', () => {
  const legacy = [0, 0x06, 0x40, 0x0b, 0x0b]
  for (const standard of [
    [0, 0x1f, 0x40, 0, 0x0b, 0x0b],
    [0, 0xd0, 0x69, 0x1a, 0x0b],
    [1, 1, 0x69, 0x0b],
  ]) {
    for (const bodies of [
      [legacy, standard],
      [standard, legacy],
    ]) {
      const code = new Bytes().raw(2)
      for (const body of bodies) code.u32(body.length).raw(...body)
      const bytes = new Bytes()
        .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
        .section(1, new Bytes().raw(1, 0x60, 0, 0))
        .section(3, new Bytes().raw(2, 0, 0))
        .section(10, code)
        .taken()
      expect(meterModule(bytes, { ...wideOptions, validate: () => undefined }).ok).toBe(false)
    }
  }
})
