// An interpreter that was taken over by its plugin: it says whatever it likes through the imports of its ABI. Each call of it ends,
// what it piles up outside of its memory is bounded, and no address that it names leads out of that.

import { expect, test } from 'vitest'
import { nullPayload, repeated, runForged } from '../support/forged-interpreter.ts'

const done = `(call $finish (i32.const 0) ${nullPayload})`
const send = '(call $send (i32.const 7) (i32.const 1100) (i32.const 4) (i32.const 1024) (i32.const 12))'
const longTimer = '(call $timer (i32.const 1) (i32.const 2147483647)) (drop (call $next (i32.const 1)))'

test('an honest one works, so that what the others show is their own', async () => {
  expect(await runForged({})).toMatchObject({ output: 'null' })
  expect(await runForged({}, { checks: true })).toMatchObject({ output: '{"diagnostics":[],"actions":{}}' })
})

test.each([
  ['an address beyond the memory', '(call $finish (i32.const 0) (i32.const -1) (i32.const -1))'],
  ['a length beyond the memory', '(call $finish (i32.const 0) (i32.const 0) (i32.const -1))'],
  [
    'a count of 2^32 parts',
    '(i32.store (i32.const 2000) (i32.const -1)) (call $finish (i32.const 0) (i32.const 2000) (i32.const 4))',
  ],
  [
    'parts that are not there',
    '(i32.store (i32.const 70000) (i32.const 100000)) (call $finish (i32.const 0) (i32.const 70000) (i32.const 190000))',
  ],
  ['no outcome', '(nop)'],
  [
    'a host call from beyond the memory',
    `(call $send (i32.const 7) (i32.const -1) (i32.const -1) (i32.const -8) (i32.const -1)) ${done}`,
  ],
  ['that it gave up, a million times', repeated(1e6, '(call $abort (i32.const 0) (i32.const 8))')],
])('%s is a trap of the plugin', async (_name, invoke) => {
  expect(await runForged({ invoke })).toMatchObject({ code: 'plugin.trap' })
})

test('a second outcome, host calls after the outcome and answers that are taken nowhere change nothing', async () => {
  for (const invoke of [
    `${done} (call $finish (i32.const 1) (i32.const 0) (i32.const 4))`,
    `${done} ${repeated(100, send)}`,
    `${send} (drop (call $next (i32.const 1))) (call $arrival_take (i32.const -4)) (call $config_take (i32.const -1)) ${done}`,
    `${repeated(5, send)} ${repeated(5, '(drop (call $next (i32.const 1)))')} ${done}`,
  ]) {
    expect(await runForged({ invoke })).toMatchObject({ output: 'null' })
  }
})

test('a room for payloads that lies nowhere is told as what it is', async () => {
  for (const allocate of ['(i32.const -1)', '(i32.const 0)']) {
    expect(await runForged({ allocate })).toMatchObject({ code: 'limit.memory' })
  }
})

test('what is piled up is bounded: host calls, timers, entropy, lines', async () => {
  const over = { invoke: `${repeated(1e6, send)} ${done}` }
  expect(await runForged(over)).toMatchObject({ code: 'limit.host-calls' })
  expect(await runForged({ load: repeated(1e6, send) })).toMatchObject({ code: 'limit.host-calls' })
  const timers = { invoke: `${repeated(1e6, '(call $timer (local.get $i) (i32.const 100000))')} ${done}` }
  expect(await runForged(timers)).toMatchObject({ code: 'plugin.failed' })
  const entropy = { invoke: `(call $random (i32.const 0) (i32.const -1)) ${done}` }
  expect(await runForged(entropy)).toMatchObject({ code: 'plugin.failed' })
  const lines = { invoke: `${repeated(20_000, '(call $log (i32.const 2) (i32.const 0) (i32.const 999))')} ${done}` }
  const { output, logged } = await runForged(lines, { wallMs: 20_000 })
  expect(output).toBe('null')
  expect(logged.join('').length).toBeLessThan(2 ** 21)
})

test('timers that fired and are never taken count as timers', async () => {
  // Each turn a thousand fire, and one is taken.
  const turn = `${repeated(900, '(call $timer (local.get $i) (i32.const 0))')} (drop (call $next (i32.const 1)))`
  const invoke = `(loop $turns ${turn}
    (br_if $turns (i32.lt_u (local.tee $turn (i32.add (local.get $turn) (i32.const 1))) (i32.const 40)))) ${done}`
  expect(await runForged({ invoke }, { wallMs: 20_000 })).toMatchObject({
    code: 'plugin.failed',
    message: 'the plugin has more than 10000 timers',
  })
})

test('one that waits for nothing is ended: in a call, in a look at its source', async () => {
  const brief = { wallMs: 500 }
  expect(await runForged({ invoke: longTimer }, brief)).toMatchObject({ code: 'limit.time' })
  expect(await runForged({ check: longTimer }, { ...brief, checks: true })).toMatchObject({ code: 'limit.time' })
  for (const block of [0, 1]) {
    const invoke = `(loop $on (drop (call $next (i32.const ${block}))) (br $on))`
    expect(await runForged({ invoke }, brief)).toMatchObject({ code: 'limit.time' })
  }
})
