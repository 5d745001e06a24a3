// A plugin that attacks the service which the host serves to it. Whatever it sends, the host lives, and the plugin's next
// connection, when it behaves, is served.

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { type TLSSocket, connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { openFolder } from '../peers/process.ts'
import { type Identity, makeIdentity } from './certificate.ts'
import { openConnection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { openService } from './served-service.ts'

const host = await makeIdentity()
const guest = await makeIdentity()
const derOf = ({ certificatePem }: Identity): Buffer => new X509Certificate(certificatePem).raw

const right = {
  ':method': 'POST',
  ':path': '/bulkhead.plugin.v1.Host/Call',
  'content-type': 'application/grpc',
  te: 'trailers',
}

const openTls = async (path: string): Promise<TLSSocket> => {
  const socket = connectTls({
    socket: connectSocket(path),
    cert: guest.certificatePem,
    key: guest.privateKeyPem,
    ca: host.certificatePem,
    servername: 'localhost',
    ALPNProtocols: ['h2'],
  })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

/** Sends so many requests, as fast as the session takes them, until it is ended. */
const flood = (session: ClientHttp2Session, count: number, one: (session: ClientHttp2Session) => void): void => {
  try {
    for (let at = 0; at < count && !session.destroyed; at++) one(session)
  } catch {
    // The host ended the session.
  }
}

const request = (session: ClientHttp2Session, headers: object = right) =>
  session.request({ ...headers }).on('error', () => {})

const attacks: Readonly<Record<string, (session: ClientHttp2Session) => void>> = {
  'opens and resets calls': (session) => flood(session, 2_000, (one) => request(one).close(8)),
  'calls what is not there': (session) =>
    flood(session, 500, (one) => void request(one, { ...right, ':path': '/no/such' }).end()),
  'speaks no gRPC': (session) =>
    flood(session, 500, (one) => void request(one, { ':path': '/', ':method': 'GET' }).end()),
  'changes its settings without end': (session) =>
    flood(session, 2_000, (one) => one.settings({ initialWindowSize: 70_000 })),
  'claims two gigabytes': (session) =>
    flood(session, 16, (one) => {
      const stream = request(one)
      stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]))
      stream.write(Buffer.alloc(60_000))
    }),
}

test.each([...Object.keys(attacks), 'sends garbage'])('one that %s', async (name) => {
  using folder = openFolder()
  const path = join(folder.path, 'service')
  await using _ = await openService({
    path,
    service: 'bulkhead.plugin.v1.Host',
    methods: { Call: async () => ({ output_json: Buffer.from('1') }) },
    trust: { identity: host, certificate: derOf(guest) },
    bounds: { maxMessageBytes: 64 * 1024 },
  })
  const socket = await openTls(path)
  const attack = attacks[name]
  if (attack === undefined) socket.write(Buffer.alloc(100_000, 7))
  else {
    const session = connect('https://localhost', { createConnection: () => socket })
    session.on('error', () => {})
    await once(session, 'remoteSettings')
    attack(session)
    // Its answer, or the end of the session, shows that the host has seen what came before.
    await new Promise<void>((resolve) => {
      if (session.destroyed || !session.ping(() => resolve())) resolve()
    })
    session.destroy()
  }
  socket.destroy()

  using connection = openConnection(
    { network: 'unix', path },
    { identity: guest, certificate: derOf(host) },
    { maxMessageBytes: 64 * 1024 },
  )
  expect(await connection.call(methodOf('bulkhead.plugin.v1.Host', 'Call'), {})).toMatchObject({
    result: 'output_json',
  })
})
