// Lines that are no messages, or two at once to two readers. Each ends the connection with a typed error; none
// reaches a handler, and the host lives on.

import { expect, test } from 'vitest'
import { FarEnd, makeHandClock, turn } from '../support/protocol-peer.ts'
import { openJsonRpcPeer, defineNotice, hear, anyJson, defineMethod, serve } from '@bulkhead/protocols'

const message = (over: Record<string, unknown>): string => JSON.stringify({ jsonrpc: '2.0', ...over })
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const withParams = (params: string): string => `{"jsonrpc":"2.0","method":"note","params":${params}}`
/** A good message, but for bytes within a string. */
const withBytes = (...bytes: number[]): Uint8Array => {
  const [before = '', after = ''] = withParams('{"a":"|"}').split('|')
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
}

const open = (bounds = {}) => {
  const far = new FarEnd()
  const heard: unknown[] = []
  const peer = openJsonRpcPeer({
    streams: far.streams,
    clock: makeHandClock(),
    bounds,
    hears: [hear(defineNotice('note', anyJson), (params) => heard.push(params))],
    serves: [
      serve(defineMethod('echo', anyJson, anyJson), (params) => {
        heard.push(params)
        return params
      }),
    ],
  })
  peer.open()
  return { far, heard, peer }
}

test.each<[string, string | Uint8Array]>([
  ['no JSON', 'hello'],
  ['an empty line', ''],
  ['half of an object', '{"jsonrpc":"2.0","method":"note"'],
  ['two objects', `${message({ method: 'note' })}${message({ method: 'note' })}`],
  ['something after the object', `${message({ method: 'note' })} x`],
  ['a number', '1'],
  ['null', 'null'],
  ['a text', '"note"'],
  ['a batch', `[${message({ method: 'note' })}]`],
  ['an empty batch', '[]'],
  ['no version', '{"method":"note"}'],
  ['an old version', '{"jsonrpc":"1.0","method":"note"}'],
  ['a version that is a number', '{"jsonrpc":2.0,"method":"note"}'],
  ['no method and no answer', message({ id: 1 })],
  ['an answer with a result and an error', message({ id: 'a', result: 1, error: { code: 1, message: '' } })],
  ['a request that is an answer', message({ id: 1, method: 'echo', result: 1 })],
  ['an unknown member', message({ method: 'note', extra: 1 })],
  ['a member __proto__', '{"jsonrpc":"2.0","method":"note","__proto__":{"params":{"a":1}}}'],
  ['only a prototype', '{"__proto__":{"jsonrpc":"2.0","method":"note"}}'],
  ['a method that is none', message({ method: '__proto__' })],
  ['a method with NUL', message({ method: 'note\u0000' })],
  ['a method with a newline', message({ method: 'note\nnote' })],
  ['a method that is an object', message({ method: {} })],
  ['a long method', message({ method: 'n'.repeat(1000) })],
  ['positional params', message({ method: 'note', params: [1] })],
  ['params that are null', message({ method: 'note', params: null })],
  ['an id that is null', message({ id: null, method: 'echo' })],
  ['an id that is a fraction', message({ id: 1.5, method: 'echo' })],
  ['an id that is true', message({ id: true, method: 'echo' })],
  ['an id that is an object', message({ id: {}, method: 'echo' })],
  ['an id beyond 2^53', '{"jsonrpc":"2.0","id":9007199254740993,"method":"echo"}'],
  ['an id beyond all numbers', '{"jsonrpc":"2.0","id":1e999,"method":"echo"}'],
  ['a long id', message({ id: 'i'.repeat(1000), method: 'echo' })],
  ['an error without a code', message({ id: 'a', error: { message: 'x' } })],
  ['an error that is a text', message({ id: 'a', error: 'x' })],
  ['a key twice', '{"jsonrpc":"2.0","method":"note","method":"echo"}'],
  ['a key twice, once escaped', '{"jsonrpc":"2.0","method":"note","meth\\u006fd":"note"}'],
  ['a key twice, deep', withParams('{"a":[{"b":1,"b":2}]}')],
  ['__proto__ twice', withParams('{"__proto__":1,"__proto__":2}')],
  ['an open string', '{"jsonrpc":"2.0","method":"note'],
  ['a raw NUL', withParams('{"a":"\u0000"}')],
  ['a raw escape', withParams('{"a":"\u001b[2J"}')],
  ['a byte order mark', `\ufeff${message({ method: 'note' })}`],
  ['UTF-16', Buffer.from(message({ method: 'note' }), 'utf16le')],
  ['bytes that are not UTF-8', withBytes(0xff)],
  ['an overlong slash', withBytes(0xc0, 0xaf)],
  ['half of a surrogate pair as bytes', withBytes(0xed, 0xa0, 0x80)],
  ['nesting', withParams(`{"a":${nested(200)}}`)],
  ['deep nesting', withParams(`{"a":${nested(100_000)}}`)],
  ['nesting that never closes', '{"a":'.repeat(100_000)],
])('%s ends the connection', async (_what, line) => {
  const { far, heard, peer } = open()
  far.write(line)
  far.write('\n')
  far.say({ method: 'note', params: { after: true } })
  expect(await peer.closed).toMatchObject({ code: 'protocol.violation' })
  await turn()
  expect(heard).toEqual([])
  expect(await far.answer(null)).toMatchObject({ error: { code: -32_600 } })
})

test('a million members are too many', async () => {
  const { far, peer } = open({ maxMembers: 1000 })
  far.write(`${withParams(`{"a":[${'0,'.repeat(1000)}0]}`)}\n`)
  expect(await peer.closed).toMatchObject({ code: 'protocol.violation' })
})

test('what only looks odd passes', async () => {
  const { far, heard, peer } = open()
  using _ = peer
  far.write(`${message({ method: 'note' })}\r\n`)
  far.write(`  ${withParams('{"a":{"b":1},"c":{"b":1},"d":"x\\":\\",y:{\\u0000"}')}  \n`)
  far.write(`${withParams('{"__proto__":{"polluted":true}}')}\n`)
  far.write(`${message({ id: Number.MAX_SAFE_INTEGER, method: 'echo', params: { a: '\u2028 line' } })}\n`)
  expect(await far.answer(Number.MAX_SAFE_INTEGER)).toMatchObject({ result: { a: '\u2028 line' } })
  expect(heard).toHaveLength(4)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(Object.getPrototypeOf(heard[2])).toBe(Object.prototype)
})

test('lines that are no JSON are put up with as often as allowed, and shown escaped', async () => {
  const lines: string[] = []
  const far = new FarEnd()
  const peer = openJsonRpcPeer({
    streams: far.streams,
    clock: makeHandClock(),
    bounds: { maxStrayLines: 2 },
    log: (_level, line) => void lines.push(line),
  })
  far.write('banner \u001b[2J\nDebugger listening\n')
  await turn()
  expect(lines).toHaveLength(2)
  expect(lines[0]).toContain(String.raw`banner \x1b[2J`)
  far.write('more\n')
  expect(await peer.closed).toMatchObject({ code: 'protocol.violation' })
  expect(lines).toHaveLength(2)
})
