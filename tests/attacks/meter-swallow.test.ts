// A guest that catches its own end: whatever an import does, once the guest is dead no more of it runs, whichever handler
// stands around the call and however the import was reached.

import { expect, test } from 'vitest'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { isEnded, openGuest } from '../meter/guest.ts'

const head = `(import "env" "end" (func $end (param i32) (result i32))) (import "env" "after" (func $after))
  (type $t (func (param i32) (result i32))) (tag $e) (table funcref (elem $end))`

/** The call of the import, each in a body of its own; `after` must never be called. */
const bodies: Readonly<Record<string, string>> = {
  'nothing around it': '(drop (call $end (i32.const 1))) (call $after)',
  catch_all: '(try (do (drop (call $end (i32.const 1)))) (catch_all)) (call $after)',
  'catch_all that goes round':
    '(loop $l (try (do (drop (call $end (i32.const 1)))) (catch_all (call $after) (br $l))) (call $after))',
  'catch and catch_all': '(try (do (drop (call $end (i32.const 1)))) (catch $e) (catch_all)) (call $after)',
  'rethrow to a second handler':
    '(try (do (try (do (drop (call $end (i32.const 1)))) (catch_all (rethrow 0)))) (catch_all)) (call $after)',
  delegate: '(try (do (try (do (drop (call $end (i32.const 1)))) (delegate 0))) (catch_all)) (call $after)',
  'a table': '(try (do (drop (call_indirect (type $t) (i32.const 1) (i32.const 0)))) (catch_all)) (call $after)',
  'a handler in the caller': '(try (do (drop (call $inner))) (catch_all)) (call $after)',
  'a tail call': '(try (do (drop (call $tail))) (catch_all)) (call $after)',
  'a tail call through a table': '(try (do (drop (call $tail_indirect))) (catch_all)) (call $after)',
}

const ways: Readonly<Record<string, () => number>> = {
  returns: () => 7,
  'throws an error': () => {
    throw new Error('ended')
  },
  'throws a trap': () => {
    throw new engine.RuntimeError()
  },
  'throws nothing at all': () => {
    throw undefined
  },
}

const cases = Object.keys(bodies).flatMap((body) => Object.keys(ways).map((way) => [body, way] as const))

test.each(cases)('%s: an import %s after it ended the guest', (body, way) => {
  let calls = 0
  let after = 0
  const guest = openGuest(
    `(module ${head}
      (func $inner (result i32) (call $end (i32.const 1)))
      (func $tail (result i32) (return_call $end (i32.const 1)))
      (func $tail_indirect (result i32) (return_call_indirect (type $t) (i32.const 1) (i32.const 0)))
      (func (export "run") ${bodies[body]}))`,
    {
      imports: {
        env: {
          end: (): number => {
            calls++
            guest.registers.kill()
            return ways[way]?.() ?? 0
          },
          after: () => after++,
        },
      },
    },
  )
  expect(isEnded(guest.call('run'))).toBe(true)
  expect([calls, after]).toEqual([1, 0])
})

test('exceptions of living guests go where they would go without the meter', () => {
  const guest = openGuest(
    `(module ${head} (func (export "run") (result i32)
      (try (result i32) (do (call $end (i32.const 1))) (catch_all (i32.const 42)))))`,
    { imports: { env: { end: ways['throws an error'], after: () => {} } } },
  )
  expect(guest.call('run')).toEqual({ result: 42 })
})

/** `run` catches with the standard encoding: catch_all (2) or catch_all_ref (3), and then calls `after`. */
const standard = (kind: 2 | 3): Uint8Array => {
  const caught = kind === 2 ? [0x02, 0x40] : [0x02, 0x69]
  const body = [0, ...caught, 0x1f, 0x40, 1, kind, 0, 0x10, 0, 0x0b, ...(kind === 2 ? [] : [0x00]), 0x0b]
  const rest = kind === 2 ? [0x10, 1, 0x0b] : [0x1a, 0x10, 1, 0x0b]
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(2, new Bytes().raw(2).name('env').name('end').raw(0, 0).name('env').name('after').raw(0, 0))
    .section(3, new Bytes().raw(1, 0))
    .section(7, new Bytes().raw(1).name('run').raw(0, 2))
    .section(10, new Bytes().raw(1, body.length + rest.length, ...body, ...rest))
    .taken()
}

test.each([2, 3] as const)('try_table with a clause of kind %i', (kind) => {
  let after = 0
  const guest = openGuest(standard(kind), {
    imports: {
      env: {
        end: () => {
          guest.registers.kill()
          throw new Error('ended')
        },
        after: () => after++,
      },
    },
  })
  expect(isEnded(guest.call('run'))).toBe(true)
  expect(after).toBe(0)
})

test('a guest that was ended while it was paused runs no further', async () => {
  const guest = openGuest('(module (import "env" "after" (func $after)) (func (export "run") (call $after)))', {
    imports: { env: { after: () => expect.unreachable() } },
  })
  guest.registers.flag = true
  guest.registers.onInterrupt = () => 2
  const running = engine.promising(guest.exports['run'])()
  guest.registers.kill()
  await expect(running).rejects.toThrow('unreachable')
})
