// The first words of real TLS clients, whole, in pieces, and as nobody would say them.

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { connect } from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mostHelloBytes, readClientHello } from './client-hello.ts'

/** What Node says first. */
const record = async (servername: string): Promise<Buffer> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
  })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [NodeJS.ReadableStream & { destroy(): void }]
  const [hello] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  server.close()
  return hello
}

/** The same handshake message in records of `size` bytes. */
const inRecords = (hello: Buffer, size: number): Buffer => {
  const message = hello.subarray(5)
  const parts: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size)
    parts.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part)
  }
  return Buffer.concat(parts)
}

test('names the server that Node names, in lower case; none when it names none', async () => {
  expect(readClientHello(await record('API.example.com'))).toEqual({ kind: 'hello', name: 'api.example.com' })
  expect(readClientHello(await record(''))).toEqual({ kind: 'hello' })
})

test('every beginning of it asks for more, and records may divide it anywhere', async () => {
  const hello = await record('api.example.com')
  for (let length = 0; length < hello.length; length++) {
    expect({ length, ...readClientHello(hello.subarray(0, length)) }).toEqual({ length, kind: 'more' })
  }
  const divided = inRecords(hello, Math.ceil((hello.length - 5) / 7))
  expect(readClientHello(divided)).toEqual({ kind: 'hello', name: 'api.example.com' })
  // As many records as bytes are a way to keep a reader busy.
  expect(readClientHello(inRecords(hello, 1))).toEqual({ kind: 'broken' })
})

test('a second name, an empty one, another record in between, and a length without end are broken', async () => {
  const hello = await record('api.example.com')
  const at = hello.indexOf('api.example.com')
  const extension = hello.subarray(at - 9, at + 15)
  const twice = Buffer.concat([hello, extension])
  for (const [offset, size] of [
    [3, 2],
    [7, 2],
  ] as const) {
    twice.writeUIntBE(twice.readUIntBE(offset, size) + extension.length, offset, size)
  }
  const lengthAt = extensionsAt(hello)
  twice.writeUInt16BE(twice.readUInt16BE(lengthAt) + extension.length, lengthAt)
  expect(readClientHello(twice)).toEqual({ kind: 'broken' })
  const empty = Buffer.from(hello)
  empty.writeUInt16BE(0, at - 2)
  expect(readClientHello(empty)).toEqual({ kind: 'broken' })
  expect(
    readClientHello(Buffer.concat([inRecords(hello, 200).subarray(0, 205), Buffer.from([21, 3, 1, 0, 1, 0])])),
  ).toEqual({ kind: 'broken' })
  const endless = Buffer.concat([
    Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0xff, 0xff, 0xff]),
    Buffer.alloc(mostHelloBytes),
  ])
  expect(readClientHello(endless)).toEqual({ kind: 'broken' })
})

test('what is no TLS', () => {
  for (const text of ['GET / HTTP/1.1\r\n', 'SSH-2.0-x\r\n', '\x16\x02\x01\x00\x05', '\x00']) {
    expect(readClientHello(Buffer.from(text, 'latin1'))).toEqual({ kind: 'not-tls' })
  }
})

test('never throws, and names nothing that does not stand in the bytes', async () => {
  const hello = await record('api.example.com')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
      const changed = Buffer.from(hello)
      for (const [offset, value] of changes) changed[offset] = value
      const reading = readClientHello(changed)
      if (reading.kind === 'hello' && reading.name !== undefined) {
        expect(changed.toString('latin1').toLowerCase()).toContain(reading.name)
      }
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(['more', 'not-tls', 'broken', 'hello']).toContain(readClientHello(bytes).kind)
    }),
  )
})

/** Where the length of the extensions stands: after version, random, session, suites and compression. */
const extensionsAt = (hello: Buffer): number => {
  let at = 5 + 4 + 34
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  return at + 1 + hello.readUInt8(at)
}
