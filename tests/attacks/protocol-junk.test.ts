// A process that writes junk: before its handshake and after it, with and without newlines, in one piece and byte by
// byte. What the host holds stays below its bounds, the source is not read on, and the error is typed.

import { PassThrough, Readable } from 'node:stream'
import { defaultJsonRpcBounds, openJsonRpcPeer } from '@bulkhead/protocols'
import { expect, test } from 'vitest'
import { makeHandClock, turn } from '../support/protocol-peer.ts'
import { beginTarget, callTarget, failureOf, openTarget } from '../support/protocol-target.ts'

const mebibyte = 1024 * 1024

/** At most 100 MB of one chunk over and over, and how much of it was asked for. */
const makeSource = (chunk: Buffer) => {
  const source = { givenBytes: 0, readable: new Readable() }
  source.readable = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      if (source.givenBytes >= 100 * mebibyte) return void this.push(null)
      source.givenBytes += chunk.length
      this.push(chunk)
    },
  })
  return source
}

test.each([
  ['without a newline', 'x'.repeat(64 * 1024)],
  ['an open string', '"'.padEnd(64 * 1024, 'a')],
  ['in good messages', `${JSON.stringify({ jsonrpc: '2.0', id: 'x', result: 'a'.repeat(32 * 1024) })}\n`],
])('100 MB %s before the handshake: a few hundred KiB are read', async (_what, chunk) => {
  const source = makeSource(Buffer.from(chunk))
  const peer = openJsonRpcPeer({
    streams: { readable: source.readable, writable: new PassThrough() },
    clock: makeHandClock(),
    bounds: { maxUnsolicited: Number.POSITIVE_INFINITY },
  })
  let mostHeld = 0
  source.readable.on('data', () => {
    mostHeld = Math.max(mostHeld, peer.statistics.heldBytes)
  })
  expect(await peer.closed).toMatchObject({ code: 'protocol.handshake' })
  expect(mostHeld).toBeLessThanOrEqual(defaultJsonRpcBounds.maxHandshakeBytes)
  expect(source.givenBytes).toBeLessThan(mebibyte)
  expect(peer.statistics.heldBytes).toBe(0)
})

test('a plugin that prints before its handshake is refused with what it printed', async () => {
  const { far, opening } = beginTarget()
  far.write('Welcome to mallory!\u001b[2J\n')
  expect(await failureOf(opening)).toMatchObject({
    code: 'protocol.violation',
    message: expect.stringContaining(String.raw`Welcome to mallory!\x1b[2J`),
  })
})

test('100 MB in one line after the handshake: no more than a line is held', async () => {
  const { far, plugin } = await openTarget({ bounds: { maxLineBytes: mebibyte } })
  const call = failureOf(callTarget(plugin))
  await far.next('action/call')
  let mostHeld = 0
  let written = 0
  const chunk = Buffer.alloc(64 * 1024, 0x61)
  for (; written < 100 * mebibyte && plugin.statistics.callsOut > 0; written += chunk.length) {
    far.write(chunk)
    await turn()
    mostHeld = Math.max(mostHeld, plugin.statistics.heldBytes)
  }
  expect(await call).toMatchObject({ code: 'protocol.violation' })
  expect(mostHeld).toBeLessThanOrEqual(mebibyte)
  expect(written).toBeLessThan(2 * mebibyte)
})

test('a long line byte by byte costs its bytes, not an object each', async () => {
  const { far, plugin } = await openTarget({ bounds: { maxLineBytes: 64 * 1024 } })
  using _ = plugin
  for (let index = 0; index < 20_000; index++) far.write(Buffer.from([0x20]))
  await turn()
  expect(plugin.statistics.heldBytes).toBeGreaterThanOrEqual(20_000)
  expect(plugin.statistics.heldBytes).toBeLessThanOrEqual(64 * 1024)
})

test('the room of a long line is given back', async () => {
  const { far, plugin } = await openTarget()
  using _ = plugin
  const call = callTarget(plugin)
  const { id } = await far.next('action/call')
  const line = JSON.stringify({ jsonrpc: '2.0', id, result: { output: 'a'.repeat(4 * mebibyte) } })
  far.write(line.slice(0, 3 * mebibyte))
  await turn()
  expect(plugin.statistics.heldBytes).toBeGreaterThan(2 * mebibyte)
  far.write(`${line.slice(3 * mebibyte)}\n`)
  await call
  expect(plugin.statistics.heldBytes).toBe(0)
})

test('a handshake that never ends is ended', async () => {
  const { far, clock, opening } = beginTarget()
  await far.next('initialize')
  far.write('{"jsonrpc":"2.0","id":')
  clock.advance(5000)
  expect(await failureOf(opening)).toMatchObject({ code: 'protocol.handshake' })
})

test('the end in the middle of a line is told apart', async () => {
  const { far, plugin } = await openTarget()
  far.write('{"jsonrpc":"2.0"')
  far.end()
  expect(await plugin.closed).toMatchObject({
    code: 'plugin.crashed',
    message: expect.stringContaining('in the middle of a line'),
  })
})
