// A loop that plainly ends after few turns has no check. Whatever only looks like one, from what it starts at to how it goes on,
// is interrupted, and does what it did before.

import { describe, expect, test } from 'vitest'
import { openGuest } from '../meter/guest.ts'

/** A function of a parameter `$p` and locals `$x`, `$y`, `$n`, the last of which counts turns and is the result. */
const module = (body: string): string => `(module
  (memory 1) (global $g (mut i32) (i32.const 0)) (func $none)
  (func (export "run") (param $p i32) (result i32) (local $x i32) (local $y i32) (local $n i32) ${body} (local.get $n)))`

interface Form {
  readonly before?: string
  readonly bound?: string
  readonly compare?: string
  readonly inside?: string
  readonly step?: string
  readonly tail?: string
  readonly otherwise?: string
}

const count = '(local.set $n (i32.add (local.get $n) (i32.const 1)))'
const grow = (step: string): string => `(local.set $x (i32.add (local.get $x) ${step}))`

const loop = ({
  before = '(local.set $x (i32.const 0))',
  bound = '(i32.const 500)',
  compare = 'i32.lt_s',
  inside = '',
  step = '(i32.const 1)',
  tail = `${grow(step)} (br $l)`,
  otherwise = '',
}: Form): string =>
  `${before} (loop $l (if (${compare} (local.get $x) ${bound}) (then ${count} ${inside} ${tail}) ${otherwise}))`

/** How a call with the flag up ends, when each interrupt lets the guest go on, and how often it asked. */
const asks = (body: string): { result: unknown; interrupts: number } => {
  const guest = openGuest(module(body))
  guest.registers.flag = true
  const { result } = guest.call('run', 0)
  return { result, interrupts: guest.registers.interrupts }
}

// A loop with a check looks at least twice in so many turns; one without has at most a check before it.
describe('has no check', () => {
  test.each<[string, string, number]>([
    ['from a constant', loop({}), 500],
    ['from the first value of a local', loop({ before: '' }), 500],
    ['with larger steps', loop({ step: '(i32.const 7)', bound: '(i32.const 3500)' }), 500],
    ['from below zero', loop({ before: '(local.set $x (i32.const -505))', bound: '(i32.const -5)' }), 500],
    [
      'unsigned, to a bound that is negative as signed',
      loop({ before: '(local.set $x (i32.const -505))', bound: '(i32.const -5)', compare: 'i32.lt_u' }),
      500,
    ],
    ['left early', loop({ inside: '(if (i32.eq (local.get $x) (i32.const 9)) (then (return (local.get $n))))' }), 10],
    ['with nothing to do', loop({ before: '(local.set $x (i32.const 500))' }), 0],
  ])('%s', (_, body, turns) => {
    const { result, interrupts } = asks(body)
    expect(result).toBe(turns)
    expect(interrupts).toBeLessThan(2)
  })
})

describe('has one, for it is not known to end soon, but ends', () => {
  test.each<[string, string, number]>([
    ['many turns', loop({ bound: '(i32.const 100000)' }), 100_000],
    ['a start from a parameter', loop({ before: '(local.set $x (local.get $p))' }), 500],
    ['a start that was written long before', `(local.set $x (i32.const -9)) (nop) ${loop({ before: '' })}`, 509],
    [
      'a start that was written on one way',
      `(if (i32.eqz (local.get $p)) (then (local.set $x (i32.const -9)))) ${loop({ before: '' })}`,
      509,
    ],
    [
      'a start from a constant of another local',
      loop({ before: '(local.set $x (i32.const -9)) (local.set $y (i32.const 1))' }),
      509,
    ],
    [
      'a bound that is a local',
      loop({ bound: '(local.get $y)', before: '(local.set $y (i32.const 500)) (local.set $x (i32.const 0))' }),
      500,
    ],
    ['a call', loop({ inside: '(call $none)' }), 500],
  ])('%s', (_, body, turns) => {
    const { result, interrupts } = asks(body)
    expect(result).toBe(turns)
    expect(interrupts).toBeGreaterThan(Math.max(1, turns / 1000))
  })
})

test('a loop around, that comes again with what the local was left with, is checked, and so is the one in it', () => {
  const around = (before: string): string =>
    `(loop $o ${loop({ before })} (local.set $y (i32.add (local.get $y) (i32.const 1))) (br_if $o (i32.lt_u (local.get $y) (i32.const 9))))`
  expect(asks(around('')).result).toBe(500)
  const { result, interrupts } = asks(around('(local.set $x (i32.const 0))'))
  expect(result).toBe(9 * 500)
  expect(interrupts).toBeGreaterThan(8)
})

test('a local that is written further down is not at its first value when the loop comes again', () => {
  const twice = `(loop $o ${loop({ before: '' })} (local.set $x (i32.const -1000000))
    (br_if $o (local.tee $y (i32.eqz (local.get $y)))))`
  const { result, interrupts } = asks(twice)
  expect(result).toBe(500 + 1_000_500)
  expect(interrupts).toBeGreaterThan(1000)
})

test('code between two checks stays bounded, however many such loops stand after each other', () => {
  expect(asks(loop({}).repeat(40)).interrupts).toBeGreaterThan(10)
})

describe('is endless, and interrupted', () => {
  const back = '(local.set $x (i32.const 0))'
  test.each<[string, string]>([
    ['no step', loop({ step: '(i32.const 0)' })],
    ['a step back', loop({ step: '(i32.const -1)', bound: '(i32.const 2147483647)', compare: 'i32.lt_s' })],
    ['a step that is a local', loop({ step: '(local.get $y)' })],
    [
      'a step past the end of the range',
      loop({
        bound: '(i32.const 2147483647)',
        before: '(local.set $x (i32.const 2147483600))',
        step: '(i32.const 100)',
      }),
    ],
    [
      'a step past the end of the unsigned range',
      loop({
        bound: '(i32.const -1)',
        compare: 'i32.lt_u',
        before: '(local.set $x (i32.const -100))',
        step: '(i32.const 200)',
      }),
    ],
    ['a start over, by set', loop({ inside: back })],
    ['a start over, by tee', loop({ inside: '(drop (local.tee $x (i32.const 0)))' })],
    ['a start over in a branch', loop({ inside: `(if (i32.eq (local.get $x) (i32.const 63)) (then ${back}))` })],
    ['another local grows', loop({ tail: '(local.set $y (i32.add (local.get $x) (i32.const 1))) (br $l)' })],
    ['the local grows from another', loop({ tail: '(local.set $x (i32.add (local.get $y) (i32.const 1))) (br $l)' })],
    [
      'it shrinks',
      loop({ tail: '(local.set $x (i32.sub (local.get $x) (i32.const 1))) (br $l)', bound: '(i32.const 2147483647)' }),
    ],
    ['a branch past the step', loop({ inside: '(br_if $l (i32.const 1))' })],
    ['a table of branches past the step', loop({ inside: '(br_table $l $l (i32.const 0))' })],
    [
      'a branch when the condition is false',
      loop({ otherwise: '(else (br $l))', before: '(local.set $x (i32.const 64))' }),
    ],
    [
      'a step when the condition is false',
      '(local.set $x (i32.const 500)) (loop $l (if (i32.lt_s (local.get $x) (i32.const 500)) (then (return (local.get $n))) (else (local.set $x (i32.add (local.get $x) (i32.const 1))) (br $l))))',
    ],
    ['a loop inside', loop({ inside: '(loop $i (br $i))' })],
    ['the step is a number that reads like code', loop({ tail: '(drop (i64.const 0x216a0141)) (br $l)' })],
    [
      'the end of a constant reads like a step',
      loop({ tail: '(drop (f64.const 0x1.1416a014120p0)) (local.set $x (i32.const 1)) (br $l)' }),
    ],
    ['another loop around it', `(loop $o ${loop({})} (br $o))`],
    ['a loop around it that it leaves early', `(loop $o ${loop({ inside: '(br $o)' })})`],
  ])('%s', (_, body) => {
    const guest = openGuest(module(body))
    const { registers } = guest
    registers.flag = true
    let left = 20
    registers.onInterrupt = () => (left-- > 0 ? 0 : registers.kill())
    expect(guest.call('run', 0).thrown).toBeDefined()
    expect(registers.isDead).toBe(true)
  })
})
