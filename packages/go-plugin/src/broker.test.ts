// The broker's bookkeeping, over a stream that the test writes: what is kept, for whom, and until when.

import { Duplex } from 'node:stream'
import type { Client } from '@grpc/grpc-js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Broker, openBroker } from './broker.ts'
import { makeIdentity } from './certificate.ts'
import type { Connection } from './connection.ts'

const identity = await makeIdentity()
const folder = '/sockets'
const elsewhere = { network: 'unix', address: '/elsewhere/x', knock: null }

const openOver = (): { broker: Broker; announce(message: object): void; end(): void; isPaused(): boolean } => {
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write: (_message, _encoding, done) => done(),
  })
  const client = { makeBidiStreamRequest: () => Object.assign(stream, { cancel: () => stream.push(null) }) }
  const broker = openBroker({
    connection: { client: client as unknown as Client } as Connection,
    rules: { folder: { onHost: folder, inPlugin: folder } },
    trust: { identity, certificate: Buffer.from('none') },
    bounds: { maxMessageBytes: 1_024 },
  })
  return {
    broker,
    announce: (message) => stream.emit('data', message),
    end: () => void stream.emit('end'),
    isPaused: () => stream.isPaused(),
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** An announced address outside the folder is refused as soon as it is taken, so the refusal shows that it was kept. */
const kept = { code: 'protocol.handshake' }
const notKept = { code: 'protocol.violation' }

const dialLate = async (broker: Broker, id: number): Promise<unknown> => {
  const dialling = broker.dial(id).catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(5_001)
  return dialling
}

test('an announcement is kept for whoever dials, once, and not beyond five seconds', async () => {
  const { broker, announce } = openOver()
  announce({ ...elsewhere, service_id: 1 })
  announce({ ...elsewhere, service_id: 2 })
  await expect(broker.dial(1)).rejects.toMatchObject(kept)
  expect(await dialLate(broker, 1)).toMatchObject(notKept)
  expect(await dialLate(broker, 2)).toMatchObject(notKept)
})

test('who waits gets it as it comes', async () => {
  const { broker, announce } = openOver()
  const dialling = broker.dial(9)
  announce({ ...elsewhere, service_id: 9 })
  await expect(dialling).rejects.toMatchObject(kept)
})

test('a flood is kept up to its bound', async () => {
  const { broker, announce } = openOver()
  for (let id = 0; id < 10_000; id++) announce({ ...elsewhere, service_id: id })
  await expect(broker.dial(63)).rejects.toMatchObject(kept)
  expect(await dialLate(broker, 64)).toMatchObject(notKept)
})

test('a flood is not read on within the same second', () => {
  const { announce, isPaused } = openOver()
  for (let id = 0; id < 1_000; id++) announce({ ...elsewhere, service_id: id })
  expect(isPaused()).toBe(false)
  announce({ ...elsewhere, service_id: 1_000 })
  expect(isPaused()).toBe(true)
})

test('a knock is no announcement: multiplexing was not offered', async () => {
  const { broker, announce } = openOver()
  announce({ ...elsewhere, service_id: 1, knock: { knock: true, ack: true, error: '' } })
  expect(await dialLate(broker, 1)).toMatchObject(notKept)
})

test('its end fails who waits, and who comes later', async () => {
  const { broker, end } = openOver()
  const waiting = broker.dial(1)
  end()
  await expect(waiting).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(broker.dial(2)).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(broker.accept(3, 'bulkhead.plugin.v1.Host', {})).rejects.toMatchObject({ code: 'plugin.crashed' })
})

test('a caller may give up', async () => {
  const { broker } = openOver()
  const caller = new AbortController()
  const waiting = broker.dial(1, caller.signal)
  caller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'call.cancelled' })
})

test('a number is dialled by one at a time, and numbers differ', async () => {
  const { broker, end } = openOver()
  const waiting = broker.dial(1)
  await expect(broker.dial(1)).rejects.toMatchObject({ code: 'usage.invalid' })
  end()
  await expect(waiting).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect([broker.nextId(), broker.nextId()]).toEqual([1, 2])
})
