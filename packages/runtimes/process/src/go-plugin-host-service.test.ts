// The host's service by itself: whose dispatch is reached, and what comes back.

import { type Dispatch, packPayload, unpackPayload } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { makeOpenCalls } from './go-plugin-host-service.ts'

const open = () => {
  const asked: unknown[] = []
  const lines: string[] = []
  const own: string[] = []
  const calls = makeOpenCalls((level, message) => void lines.push(`${level} ${message}`))
  const begin = (dispatch: Dispatch) =>
    calls.begin({
      callId: 'call-1',
      action: 'run',
      input: null,
      timeoutMs: 1000,
      dispatch: (name, payload) => {
        asked.push([name, unpackPayload(payload, 'the input')])
        return dispatch(name, payload)
      },
      log: (level, message) => void own.push(`${level} ${message}`),
    })
  const call = async (handle: string, input: string | Buffer = 'null', signal = new AbortController().signal) =>
    (await calls.methods['Call']?.({ call: handle, function: 'kv.get', input_json: Buffer.from(input) }, signal)) as {
      output_json?: Buffer
      error?: Record<string, string>
    }
  const log = (handle: string, level: string, message: string) =>
    calls.methods['Log']?.({ call: handle, level, message }, new AbortController().signal)
  return { asked, lines, own, calls, begin, call, log }
}

const answers =
  (value: unknown): Dispatch =>
  async () => ({ ok: true, payload: packPayload(value) })

test('a call reaches the dispatch of its handle, with bytes both ways', async () => {
  const { asked, begin, call } = open()
  using under = begin(answers({ data: Uint8Array.of(9) }))
  const { output_json } = await call(under.handle, '{"key":{"$bytes":"AQI="}}')
  expect(JSON.parse(String(output_json))).toEqual({ data: { $bytes: 'CQ==' } })
  expect(asked).toEqual([['kv.get', { key: Uint8Array.of(1, 2) }]])
  await call(under.handle, '')
  expect(asked[1]).toEqual(['kv.get', null])
})

test('handles differ, cannot be guessed, and reach nothing once their call is over', async () => {
  const { asked, begin, call } = open()
  const first = begin(answers(1))
  const second = begin(answers(2))
  expect(first.handle).not.toBe(second.handle)
  expect(first.handle).toMatch(/^[\w-]{22}$/)
  first[Symbol.dispose]()
  for (const handle of [first.handle, '', '__proto__', 'call-1'])
    expect(await call(handle)).toMatchObject({ error: { code: 'call.cancelled', id: '' } })
  expect(asked).toEqual([])
  expect(String((await call(second.handle)).output_json)).toBe('2')
})

test('the end of a call ends its host calls', async () => {
  const { begin, call } = open()
  const under = begin(() => new Promise(() => {}))
  const answer = call(under.handle)
  under[Symbol.dispose]()
  expect(await answer).toMatchObject({ error: { code: 'call.cancelled' } })
})

test('a host call that the plugin takes back is over', async () => {
  const { begin, call } = open()
  using under = begin(() => new Promise(() => {}))
  const taken = new AbortController()
  const answer = call(under.handle, 'null', taken.signal)
  taken.abort()
  expect(await answer).toMatchObject({ error: { code: 'call.cancelled' } })
})

test('a refusal of the host bears its id', async () => {
  const { begin, call } = open()
  using under = begin(async () => ({ ok: false, error: { code: 'capability.denied', message: 'no', id: 'e-1' } }))
  expect(await call(under.handle)).toMatchObject({ error: { code: 'capability.denied', message: 'no', id: 'e-1' } })
})

test.each([
  ['no JSON', '{', 'input.not-json'],
  ['no UTF-8', Buffer.of(0x22, 0xff, 0x22), 'input.not-json'],
  ['too deep', '['.repeat(129) + ']'.repeat(129), 'input.too-deep'],
  ['too many members', `[${'1,'.repeat(250_001)}1]`, 'input.too-large'],
  ['bytes that are not base64', '{"$bytes":"!"}', 'input.invalid'],
])('an input that is %s is dispatched nowhere', async (_what, input, code) => {
  const { asked, begin, call } = open()
  using under = begin(answers(1))
  expect(await call(under.handle, input)).toMatchObject({ error: { code } })
  expect(asked).toEqual([])
})

test('what one call logs is bounded', async () => {
  const { own, begin, log } = open()
  using under = begin(answers(1))
  for (let at = 0; at < 200; at++) await log(under.handle, 'info', 'x'.repeat(8000))
  expect(own.join('').length).toBeLessThan(1_100_000)
  expect(own.at(-1)).toMatch(/^warn .*the rest is dropped$/)
})

test('a line goes to the call under way that it names, else to the plugin, in plain characters', async () => {
  const { lines, own, begin, log } = open()
  const under = begin(answers(1))
  await log(under.handle, 'warn', 'mine\nhost: forged\u001b[2J')
  await log('another', 'shout', 'theirs')
  under[Symbol.dispose]()
  await log(under.handle, 'error', 'late')
  expect(own).toEqual(['warn mine\\x0ahost: forged\\x1b[2J'])
  expect(lines).toEqual(['info theirs', 'error late'])
})
