// Fuel for every class of instruction: whatever a guest repeats, each one counts, and a loop of it runs out.

import { expect, test } from 'vitest'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { laneLoads, loads, operators, stores, type ValueType } from '../../packages/meter/fuzz/operators.ts'
import { isEnded, openGuest } from '../meter/guest.ts'

const vector = [0xfd, 12, ...Array.from({ length: 16 }, () => 1)]

/** Operands that no instruction traps for. */
const operands: Readonly<Record<string, readonly number[]>> = {
  i32: [0x41, 1],
  i64: [0x42, 1],
  f32: [0x43, 0, 0, 0x80, 0x3f],
  f64: [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f],
  v128: vector,
}

const given = (types: readonly ValueType[]): number[] => types.flatMap((type) => [...(operands[type] ?? [])])

const i32 = [0x41, 1]

/**
 * Each a piece of code that leaves the stack as it was, and how many instructions of it cost at least a unit: all but those
 * that only give code its shape.
 */
interface Piece {
  readonly name: string
  readonly code: readonly number[]
  readonly instructions: number
}

const named = (name: string, instructions: number, ...code: readonly number[]): Piece => ({ name, code, instructions })

const pieces: readonly Piece[] = [
  ...operators.map(({ code, takes, lanes }) =>
    named(
      `operator ${code.join(' ')}`,
      takes.length + 2,
      ...given(takes),
      ...code,
      ...(lanes === undefined ? [] : [0]),
      0x1a,
    ),
  ),
  ...loads.map(({ code }) => named(`load ${code.join(' ')}`, 3, ...i32, ...code, 0, 0, 0x1a)),
  ...stores.map(({ code, type }) =>
    named(`store ${code.join(' ')}`, 3, ...i32, ...(operands[type] ?? []), ...code, 0, 0),
  ),
  ...laneLoads.map(({ code }) => named(`lane ${code.join(' ')}`, 4, ...i32, ...vector, ...code, 0, 0, 0, 0x1a)),
  named('nop', 0, 0x01),
  named('block', 0, 0x02, 0x40, 0x0b),
  named('loop', 0, 0x03, 0x40, 0x0b),
  named('if', 2, ...i32, 0x04, 0x40, 0x01, 0x0b),
  named('br', 1, 0x02, 0x40, 0x0c, 0, 0x0b),
  named('br_if', 2, 0x02, 0x40, ...i32, 0x0d, 0, 0x0b),
  named('br_table', 2, 0x02, 0x40, ...i32, 0x0e, 1, 0, 0, 0x0b),
  named('br_on_null', 3, 0x02, 0x40, 0xd0, 0x70, 0xd5, 0, 0x1a, 0x0b),
  named('call', 1, 0x10, 1),
  named('call_indirect', 2, 0x41, 0, 0x11, 0, 0),
  named('call_ref', 2, 0xd2, 1, 0x14, 0),
  named('drop', 2, ...i32, 0x1a),
  named('select', 5, ...i32, ...i32, ...i32, 0x1b, 0x1a),
  named('select of a type', 5, ...i32, ...i32, ...i32, 0x1c, 1, 0x7f, 0x1a),
  named('local.get', 2, 0x20, 0, 0x1a),
  named('local.set', 2, ...i32, 0x21, 0),
  named('local.tee', 3, ...i32, 0x22, 0, 0x1a),
  named('global.get', 2, 0x23, 0, 0x1a),
  named('global.set', 2, ...i32, 0x24, 0),
  named('table.get', 3, 0x41, 0, 0x25, 0, 0x1a),
  named('table.set', 3, 0x41, 0, 0xd2, 1, 0x26, 0),
  named('table.size', 2, 0xfc, 16, 0, 0x1a),
  named('table.grow', 4, 0xd0, 0x70, 0x41, 0, 0xfc, 15, 0, 0x1a),
  named('table.fill', 4, 0x41, 0, 0xd0, 0x70, 0x41, 0, 0xfc, 17, 0),
  named('table.copy', 4, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 14, 0, 0),
  named('table.init', 4, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 12, 0, 0),
  named('elem.drop', 1, 0xfc, 13, 0),
  named('memory.size', 2, 0x3f, 0, 0x1a),
  named('memory.grow', 3, 0x41, 0, 0x40, 0, 0x1a),
  named('memory.fill', 4, ...i32, ...i32, ...i32, 0xfc, 11, 0),
  named('memory.copy', 4, ...i32, ...i32, ...i32, 0xfc, 10, 0, 0),
  named('memory.init', 4, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 0),
  named('data.drop', 1, 0xfc, 9, 0),
  named('ref.null', 2, 0xd0, 0x70, 0x1a),
  named('ref.func', 2, 0xd2, 1, 0x1a),
  named('ref.is_null', 3, 0xd0, 0x70, 0xd1, 0x1a),
  named('i8x16.shuffle', 4, ...vector, ...vector, 0xfd, 13, ...Array.from({ length: 16 }, () => 3), 0x1a),
  named('try_table', 0, 0x1f, 0x40, 1, 2, 0, 0x0b),
  named('throw and try_table', 1, 0x02, 0x40, 0x1f, 0x40, 1, 2, 0, 0x08, 0, 0x0b, 0x0b),
]

const legacyPieces: readonly Piece[] = [
  named('try and catch_all', 0, 0x06, 0x40, 0x19, 0x0b),
  named('throw and catch', 1, 0x06, 0x40, 0x08, 0, 0x07, 0, 0x0b),
  named('delegate', 0, 0x06, 0x40, 0x18, 0),
  named('rethrow', 2, 0x06, 0x40, 0x06, 0x40, 0x08, 0, 0x19, 0x09, 0, 0x0b, 0x19, 0x0b),
]

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** Function 0 runs the code; function 1 does nothing. */
const moduleOf = (code: Bytes): Uint8Array => {
  const body = new Bytes().raw(1, 1, 0x7f).append(code).raw(0x0b)
  return new Bytes()
    .raw(...header)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(3, new Bytes().raw(2, 0, 0))
    .section(4, new Bytes().raw(1, 0x70, 0, 1))
    .section(5, new Bytes().raw(1, 0, 1))
    .section(13, new Bytes().raw(1, 0, 0))
    .section(6, new Bytes().raw(1, 0x7f, 1, 0x41, 0, 0x0b))
    .section(7, new Bytes().raw(1).name('run').raw(0, 0))
    .section(9, new Bytes().raw(2, 1, 0, 0, 0, 0x41, 0, 0x0b, 1, 1))
    .section(12, new Bytes().raw(1))
    .section(10, new Bytes().raw(2).u32(body.length).append(body).raw(2, 0, 0x0b))
    .section(11, new Bytes().raw(1, 1, 0))
    .taken()
}

const plenty = 1n << 40n

const fuelFor = (piece: Piece, times: number): number => {
  const code = new Bytes()
  for (let index = 0; index < times; index++) code.raw(...piece.code)
  const bytes = moduleOf(code)
  expect(engine.validate(bytes), piece.name).toBe(true)
  const guest = openGuest(bytes, { fuel: true })
  guest.registers.fuel.value = plenty
  expect(guest.call('run'), piece.name).toEqual({ result: undefined })
  return Number(plenty - (guest.registers.fuel.value as bigint))
}

const all = [...pieces, ...legacyPieces]

test('every opcode that the generator draws from is among them', () => {
  expect(operators.length).toBeGreaterThan(340)
})

test.each(all)('$name counts each time', (piece) => {
  const few = fuelFor(piece, 10)
  const many = fuelFor(piece, 110)
  expect(many - few).toBeGreaterThanOrEqual(100 * piece.instructions)
  // The same amount for each.
  expect((many - few) % 100).toBe(0)
})

test.each(all)('a loop of $name runs out', (piece) => {
  const guest = openGuest(moduleOf(new Bytes().raw(0x03, 0x40, ...piece.code, 0x0c, 0, 0x0b)), { fuel: true })
  guest.registers.fuel.value = 2000n
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call('run'))).toBe(true)
  expect(guest.registers.interrupts).toBe(1)
})
