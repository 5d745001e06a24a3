// A jail that was taken over and would make the host hold more and more, or turn without end: what it announces, asks for and never
// takes, sends in crumbs, or complains of. It is refused or ended, with a typed error.

import { BulkheadError, type Dispatch } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { Unframer } from '../../packages/cell/src/jail/frames.ts'
import { Peer } from '../../packages/cell/src/peer.ts'
import { callVictim, openVictim, takenJails } from '../support/taken-jail.ts'

/** What becomes of the call. */
const outcomeOf = async (program: string, options: Parameters<typeof callVictim>[1] = {}): Promise<unknown> => {
  const hostile = takenJails(program)
  await using victim = openVictim(hostile.jails)
  const cell = await victim.load()
  return await callVictim(cell, options).then(
    ({ output }) => (output.kind === 'value' ? JSON.parse(output.payload.json) : output),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(BulkheadError)
      const { code, message } = thrown as BulkheadError
      return `${code}: ${message}`
    },
  )
}

test('host calls that announce far more than one call may carry are refused before room is made for it', async () => {
  const answers = await outcomeOf(`atCall(() => {
    const got = { credit: 0, refused: 0 }
    listen((type) => {
      if (type === 6) got.credit++
      if (type === 2) got.refused++
      if (got.credit + got.refused === 20) write(reply(2, JSON.stringify(got)))
    })
    for (let i = 1; i <= 20; i++) write(hostCall(i, stream(i, 60 * 2 ** 20)))
  })`)
  expect(answers).toEqual({ credit: 1, refused: 19 })
})

test('host calls that wait carry no more than one call may', async () => {
  const dispatch: Dispatch = () => new Promise(() => undefined)
  const refused = await outcomeOf(
    `atCall(() => {
      let refused = 0
      listen((type) => { if (type === 2 && ++refused === 20) write(reply(2, '"refused"')) })
      const content = json('"' + 'x'.repeat(3 * 2 ** 20) + '"')
      for (let i = 1; i <= 46; i++) write(hostCall(i, content))
    })`,
    { dispatch },
  )
  expect(refused).toBe('refused')
})

test.each([
  [
    'chunks of nothing',
    `write(hostCall(1, stream(1, 60 * 2 ** 20))); const crumb = chunk(1, []); for (;;) write(crumb)`,
  ],
  [
    'chunks of a byte',
    `write(hostCall(1, stream(1, 60 * 2 ** 20))); const crumb = chunk(1, [65]); for (;;) write(crumb)`,
  ],
  ['credit for nothing', `const crumb = frame(6, number(1), number(0)); for (;;) write(crumb)`],
  ['host calls beyond their limit', `for (let i = 1; ; i++) write(hostCall(i, json('null')))`],
])('%s without end are the end of it', async (_, program) => {
  const outcome = await outcomeOf(`atCall(() => { process.stdin.resume(); ${program} })`, { bytes: 8 * 2 ** 20 })
  expect(outcome).toMatch(/^plugin.crashed: too many messages came that nobody waits for/)
})

test('one that asks and asks and never reads what it is told is ended', async () => {
  const outcome = await outcomeOf(`atCall(() => { for (let i = 1; ; i++) write(hostCall(i, json('null'))) })`, {
    limits: { hostCalls: 1_000_000 },
    dispatch: async () => ({ ok: true, payload: { json: JSON.stringify('x'.repeat(4000)) } }),
  })
  expect(outcome).toMatch(/^plugin.crashed: .*took nothing of it/)
})

test('one that complains without end is ended', async () => {
  const outcome = await outcomeOf(`atCall(() => { for (;;) fs.writeSync(2, Buffer.alloc(65536, 65)) })`)
  expect(outcome).toMatch(/^plugin.crashed: .*standard error/)
})

test.each([
  ['nothing', `'null'`],
  ['no JSON', `'{"'`],
  ['a schema of more members than anybody reads', `'{"go":{"input":{"enum":[' + '[],'.repeat(300000) + '1]}}}'`],
  ['an action that is none', `'{"go":7}'`],
  ['a schema that is none', `'{"go":{"input":"any"}}'`],
])('%s in the place of the actions is a typed error', async (_, actions) => {
  const hostile = takenJails(`process.stdin.once('data', () => write(reply(1, ${actions})))`)
  await using victim = openVictim(hostile.jails)
  await expect(victim.load()).rejects.toBeInstanceOf(BulkheadError)
})

/** What the host reads of a frame: each of these costs it many times the bytes that name it. */
const read = (...parts: readonly (readonly number[] | Buffer)[]): unknown[] => {
  const messages: unknown[] = []
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const frame = Buffer.alloc(4 + body.length)
  frame.writeUInt32LE(body.length)
  frame.set(body, 4)
  new Unframer({ message: (message) => messages.push(message), signOfLife: () => undefined }).push(frame)
  return messages
}
const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}
const text = (value: string): Buffer => {
  const bytes = Buffer.alloc(4 + value.length)
  bytes.writeUInt32LE(value.length)
  bytes.write(value, 4)
  return bytes
}

test('a frame is not taken apart into more than a sound one holds', () => {
  const none = [1, 0, 0, 0, 0]
  const manyParts = Buffer.concat(Array.from({ length: 100_001 }, () => Buffer.from(none)))
  expect(read([0], double(1), text('{}'), [1], double(100_001), [0], text('1'), manyParts)).toEqual([undefined])
  const manyLists = `{"a":[${'[],'.repeat(100_000)}1]}`
  expect(read([0], double(1), text(manyLists), [1], double(0), [0], text('1'))).toEqual([undefined])
  expect(read([2], double(1), text(`[{"code":"plugin.failed","message":"","details":${manyLists}},{}]`))).toEqual([
    undefined,
  ])
  expect(read([7], double(1), text('info'), text('x'.repeat(2 ** 21)))).toEqual([undefined])
})

test('a call that was let go of leaves nothing behind, whether or not its answer was taken', async () => {
  let receive: (message: unknown) => void = () => undefined
  let taken = 0
  const peer = new Peer(
    { send: () => undefined, onMessage: (to) => (receive = to), close: () => undefined },
    {
      call: async () => ({
        head: {},
        content: { kind: 'raw', bytes: new Uint8Array(8 * 2 ** 20) },
        taken: () => taken++,
      }),
      log: () => undefined,
      malformed: () => undefined,
      isTrusted: false,
      maxContentBytes: 1000,
    },
  )
  receive({ type: 'call', id: 7, head: {}, content: { kind: 'raw', bytes: new Uint8Array(1) } })
  await new Promise((resolve) => setImmediate(resolve))
  expect(peer.open).toBe(2)
  peer.drop(7)
  expect([peer.open, taken]).toEqual([0, 1])
})
