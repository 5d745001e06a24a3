// Code is paid for in stretches, the arms of large branch tables apart, and callers pay for small functions. A guest of random
// structure counts how often each of its functions and pieces runs: the fuel that it used is at least what those runs cost, wherever they
// stand. And who can be called in another way pays by itself.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEnded, openGuest } from '../meter/guest.ts'

/** Small functions: each adds to its counter and does some more, for which it costs so many units. */
const leaves = [
  { units: 4, more: '' },
  { units: 24, more: '(drop (i32.const 1))'.repeat(10) },
  { units: 610, more: '(drop (memory.grow (i32.const 0)))'.repeat(3) },
].map(({ units, more }, index) => ({
  units,
  text: `(func $leaf${index}
    (global.set $ran${index} (i32.add (global.get $ran${index}) (i32.const 1))) ${more})`,
}))
const counters = leaves
  .map((_, index) => `(global $ran${index} (export "ran${index}") (mut i32) (i32.const 0))`)
  .join('\n')

/** Code as a tree; conditions are the bits of a number that turns with each look. */
type Code =
  | { readonly kind: 'call'; readonly leaf: number; readonly last: boolean }
  | { readonly kind: 'if'; readonly then: Code[]; readonly else: Code[] }
  | { readonly kind: 'block'; readonly body: Code[] }
  | { readonly kind: 'leave'; readonly depth: number }
  | { readonly kind: 'loop'; readonly turns: number; readonly body: Code[] }
  | { readonly kind: 'try'; readonly body: Code[]; readonly handler: Code[] }
  | { readonly kind: 'throw' }
  | { readonly kind: 'recurse' }
  | { readonly kind: 'work' }
  | { readonly kind: 'switch'; readonly arms: Code[][]; readonly stays: boolean[] }

const { code } = fc.letrec<{ code: Code[]; one: Code }>((tie) => ({
  code: fc.array(tie('one'), { maxLength: 4 }),
  one: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ kind: fc.constant('call'), leaf: fc.nat(leaves.length - 1), last: fc.boolean() }),
    fc.record({ kind: fc.constant('if'), then: tie('code'), else: tie('code') }),
    fc.record({ kind: fc.constant('block'), body: tie('code') }),
    fc.record({ kind: fc.constant('leave'), depth: fc.nat(3) }),
    fc.record({ kind: fc.constant('loop'), turns: fc.integer({ min: 1, max: 5 }), body: tie('code') }),
    fc.record({ kind: fc.constant('try'), body: tie('code'), handler: tie('code') }),
    fc.constant({ kind: 'throw' }),
    fc.constant({ kind: 'recurse' }),
    fc.constant({ kind: 'work' }),
    fc.record({
      kind: fc.constant('switch'),
      arms: fc.array(tie('code'), { minLength: 3, maxLength: 3 }),
      stays: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    }),
  ) as fc.Arbitrary<Code>,
}))

/** A piece of code that counts itself. */
const work = {
  units: 44,
  text: `(global.set $worked (i32.add (global.get $worked) (i32.const 1))) ${'(drop (i32.const 1))'.repeat(20)}`,
}

/** Entries of a branch table that is large enough. */
const entries = 9

const condition = `(i32.and (global.get $bits) (i32.const 1)) (global.set $bits (i32.rotr (global.get $bits) (i32.const 1)))`

/** The text of some code. `depth` blocks are open around it, `loops` of them loops. */
const textOf = (list: readonly Code[], depth: number, loops: number): string =>
  list
    .map((item): string => {
      switch (item.kind) {
        case 'call':
          return item.last ? `${condition} if return_call $leaf${item.leaf} end` : `call $leaf${item.leaf}`
        case 'if':
          return `${condition} if ${textOf(item.then, depth + 1, loops)} else ${textOf(item.else, depth + 1, loops)} end`
        case 'block':
          return `block ${textOf(item.body, depth + 1, loops)} end`
        case 'leave':
          return `${condition} br_if ${Math.min(item.depth, depth)}`
        case 'loop': {
          const local = `(local.get ${loops})`
          const count = `(local.set ${loops} (i32.sub ${local} (i32.const 1)))`
          const body = textOf(item.body, depth + 2, loops + 1)
          // Branches to its head turn as well: each turn counts.
          return `(local.set ${loops} (i32.const ${item.turns})) block loop (br_if 1 (i32.eqz ${local})) ${count} ${body} br 0 end end`
        }
        case 'try':
          return `try ${textOf(item.body, depth + 1, loops)} catch_all ${textOf(item.handler, depth + 1, loops)} end`
        case 'throw':
          return `${condition} if throw $any end`
        case 'work':
          return work.text
        case 'switch': {
          // Three blocks within one that all lead out of; what the table does not name leads to the last.
          const open = depth + 4
          const labels = Array.from({ length: entries }, (_, index) => index % 3).join(' ')
          const arms = item.arms.map(
            (arm, index) => `end ${textOf(arm, open - 1 - index, loops)} ${item.stays[index] ? '' : `br ${2 - index}`}`,
          )
          return `block block block block (br_table ${labels} 0 (i32.and (global.get $bits) (i32.const 7)))
            ${arms.join('\n')} end (global.set $bits (i32.rotr (global.get $bits) (i32.const 3)))`
        }
        case 'recurse':
          return `(if (i32.gt_s (global.get $left) (i32.const 0))
            (then (global.set $left (i32.sub (global.get $left) (i32.const 1))) (call $body)))`
      }
    })
    .join('\n')

const fuelUsed = (guest: ReturnType<typeof openGuest>, run: () => void): number => {
  const before = guest.registers.fuel.value as bigint
  run()
  return Number(before - (guest.registers.fuel.value as bigint))
}

test('every run of a small function and of a piece of code was paid for', () => {
  let runs = 0
  fc.assert(
    fc.property(code, fc.integer(), (body, bits) => {
      const guest = openGuest(
        `(module (tag $any) (memory 1) ${counters}
          (global $worked (export "worked") (mut i32) (i32.const 0)) (global $bits (mut i32) (i32.const ${bits})) (global $left (mut i32) (i32.const 3))
          ${leaves.map(({ text }) => text).join('\n')}
          (func $body (local i32 i32 i32 i32 i32 i32 i32 i32) ${textOf(body, 0, 0)})
          (func (export "run") call $body))`,
        { fuel: true },
      )
      const used = fuelUsed(guest, () => guest.call('run'))
      const ran = leaves.map((_, index) => Number((guest.exports[`ran${index}`] as { value: number }).value))
      const worked = Number((guest.exports['worked'] as { value: number }).value)
      const least = leaves.reduce((sum, { units }, index) => sum + units * (ran[index] ?? 0), work.units * worked)
      runs += ran.reduce((sum, one) => sum + one, 0)
      expect(used).toBeGreaterThanOrEqual(least)
    }),
    { numRuns: 2000 },
  )
  expect(runs).toBeGreaterThan(2000)
})

describe('who can be called in another way pays by itself', () => {
  const padding = '(drop (i32.const 1))'.repeat(10)
  const small = `(func $small ${padding})`
  const indirect = '(call_indirect (i32.const 0))'
  test.each([
    ['by an export', `(func (export "run") ${padding})`],
    ['by the start section', `${small} (start $small)`],
    ['by a table', `(table 1 funcref) (elem (i32.const 0) $small) ${small} (func (export "run") ${indirect})`],
    [
      'by a table that code fills',
      `(table 1 funcref) (elem declare func $small) ${small}
        (func (export "run") (table.set (i32.const 0) (ref.func $small)) ${indirect})`,
    ],
    [
      'by a segment',
      `(table 1 funcref) (elem $e funcref (ref.func $small)) ${small}
        (func (export "run") (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)) ${indirect})`,
    ],
    [
      'by a global',
      `(table 1 funcref) (global $g funcref (ref.func $small)) ${small}
        (func (export "run") (table.set (i32.const 0) (global.get $g)) ${indirect})`,
    ],
  ])('%s', (_, text) => {
    const guest = openGuest(`(module ${text})`, { fuel: true })
    expect(fuelUsed(guest, () => guest.call(text.includes('(start') ? 'start' : 'run'))).toBeGreaterThanOrEqual(20)
  })
})

test.each([
  ['calls itself', '(func $small (call $small)) (func (export "run") (call $small))'],
  ['calls another that calls it', '(func $a (call $b)) (func $b (call $a)) (func (export "run") (call $a))'],
  ['is the last that it calls itself', '(func $small (return_call $small)) (func (export "run") (call $small))'],
  ['is called in a loop', '(func $small) (func (export "run") (loop $l (call $small) (br $l)))'],
  [
    'is called in some turns of a loop',
    `(func $small (param i32)) (func (export "run") (local i32)
      (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (if (i32.and (local.get 0) (i32.const 1)) (then (call $small (i32.const 1)))) (br $l)))`,
  ],
  [
    'calls itself from a handler',
    '(tag $any) (func $small (try (do (throw $any)) (catch_all (return_call $small)))) (func (export "run") (call $small))',
  ],
])('a small function that %s without end runs out of fuel', (_, text) => {
  const guest = openGuest(`(module ${text})`, { fuel: true })
  guest.registers.fuel.value = 5000n
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call('run'))).toBe(true)
  expect(Number(guest.registers.fuel.value)).toBeGreaterThan(-1000)
})

test('what is paid for is what is called on the way, and as often', () => {
  const price = (body: string): number => {
    const guest = openGuest(
      `(module (func $small (param i32) ${'(drop (i32.const 1))'.repeat(20)}) (func (export "run") (param i32) ${body}))`,
      { fuel: true },
    )
    return fuelUsed(guest, () => guest.call('run', 1))
  }
  const one = price('(call $small (i32.const 1))')
  const call = 45
  expect(one).toBe(call)
  expect(price('(call $small (i32.const 1)) (call $small (i32.const 1))')).toBe(2 * call)
  // Of two ways the one that is taken is paid for, beside the instructions of both.
  const arm = '(call $small (i32.const 1))'
  expect(price(`(if (local.get 0) (then ${arm}) (else ${arm} ${arm}))`)).toBe(2 + 3 * 5 + 40)
  expect(price(`(if (i32.eqz (local.get 0)) (then ${arm}) (else ${arm} ${arm}))`)).toBe(3 + 3 * 5 + 2 * 40)
  expect(price(`(if (i32.eqz (local.get 0)) (then ${arm})) ${arm}`)).toBe(3 + 2 * 5 + 40)
})
