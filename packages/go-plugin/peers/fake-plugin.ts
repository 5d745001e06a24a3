// For tests: a plugin that misbehaves in the way that its first argument names; the second says more, and is the name of the
// plugin where nothing else is said. It runs as a process of its own and ends by itself after 90 s, later than any test may take. Without an argument it
// behaves.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { symlinkSync } from 'node:fs'
import {
  createSecureServer,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { argv, env, exit, stderr, stdout } from 'node:process'
import { gzipSync } from 'node:zlib'
import { HostLink, serveBulkhead } from './fake-services.ts'
import { field, frame } from './fake-wire.ts'
import { certificateFor, type Identity, makeIdentity, pemOfCertificate } from '../src/certificate.ts'

const [, , mode = 'behaves', detail = ''] = argv
setTimeout(() => exit(9), 90_000).unref()

const path = join(env['PLUGIN_UNIX_SOCKET_DIR'] ?? '/nowhere', 'plugin-1')
const derOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
const bare = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const introduce = (certificate: Buffer, address = path): void => {
  stdout.write(`1|1|unix|${address}|grpc|${bare(certificate)}\n`)
}

const serving = Buffer.from([0x08, 0x01])

const answer = (stream: ServerHttp2Stream, body: Buffer, headers: Record<string, string> = {}, status = '0'): void => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...headers }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
  stream.end(body)
}

/** Writes for as long as the other side takes it, but no more than two gigabytes. */
const pour = (write: (chunk: Buffer) => boolean, drained: (go: () => void) => void, chunk: Buffer): void => {
  let left = 2 ** 31
  const go = (): void => {
    while (left > 0) {
      left -= chunk.length
      if (!write(chunk)) return drained(go)
    }
  }
  go()
}

const announce = (id: number, address: string): Buffer =>
  frame(Buffer.concat([field(1, id), field(2, 'unix'), field(3, address)]))

const onHealth: Record<string, (stream: ServerHttp2Stream) => void> = {
  'never-answers': () => {},
  'claims-a-gigabyte': (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    stream.on('error', () => {})
    stream.write(frame(Buffer.alloc(0), false, 2 ** 30))
    const zeros = Buffer.alloc(65_536)
    pour(
      (chunk) => !stream.destroyed && stream.write(chunk),
      (go) => void stream.once('drain', go),
      zeros,
    )
  },
  'gzip-bomb': (stream) =>
    answer(stream, frame(gzipSync(Buffer.alloc(256 * 1024 * 1024)), true), { 'grpc-encoding': 'gzip' }),
  'many-parts': (stream) => answer(stream, frame(Buffer.alloc(2 * 1024 * 1024, Buffer.from([0x12, 0x00])))),
  'deep-groups': (stream) => answer(stream, frame(Buffer.alloc(200, 0x13))),
  'no-message': (stream) => answer(stream, frame(Buffer.from('this is no protobuf'))),
  'not-serving': (stream) => answer(stream, frame(Buffer.from([0x08, 0x02]))),
  'not-grpc': (stream) => {
    stream.respond({ ':status': 404, 'content-type': 'text/html' })
    stream.end('<html>nothing here</html>')
  },
  'long-failure': (stream) => {
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': '13',
        'grpc-message': `%1B[2J%0A${'spam '.repeat(1_000)}`,
      },
      { endStream: true },
    )
  },
}

const onStream = (stream: ServerHttp2Stream, called: string): void => {
  stream.on('error', () => {})
  if (called === '/grpc.health.v1.Health/Check')
    return (onHealth[mode] ?? ((one) => answer(one, frame(serving))))(stream)
  if (called === '/plugin.GRPCStdio/StreamStdio') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    if (mode !== 'floods-forwarded') return
    const line = Buffer.from(`${'spam '.repeat(20)}\n`)
    const message = frame(Buffer.concat([Buffer.from([0x08, 0x01, 0x12, line.length]), line]))
    const many = Buffer.concat(Array.from({ length: 500 }, () => message))
    return pour(
      (chunk) => !stream.destroyed && stream.write(chunk),
      (go) => void stream.once('drain', go),
      many,
    )
  }
  if (called === '/plugin.GRPCBroker/StartStream') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    host.hear(stream)
    if (mode === 'announces') stream.write(announce(7, detail))
    if (mode === 'floods-announcements') for (let at = 0; at < 100_000; at++) stream.write(announce(at, detail))
    return
  }
  if (called === '/plugin.GRPCController/Shutdown') {
    if (mode === 'ignores-shutdown') return answer(stream, frame(Buffer.alloc(0)))
    stream.on('close', () => exit(0))
    return answer(stream, frame(Buffer.alloc(0)))
  }
  const services = { 'two-faced': ['tool', 'provider'], toolless: [], 'claims-more': ['tool', 'root'] }[mode] ?? [
    'tool',
  ]
  if (serveBulkhead(called, stream, { host, name: mode === 'misnamed' ? 'bank' : detail, services })) return
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true })
}

const serve = (identity: Identity, listening: () => void): void => {
  if (mode === 'says-nothing') return void createServer(() => {}).listen(path, listening)
  const server =
    mode === 'no-tls'
      ? createHttp2Server()
      : createSecureServer({
          cert: identity.certificatePem,
          key: identity.privateKeyPem,
          ca: env['PLUGIN_CLIENT_CERT'],
          requestCert: true,
          rejectUnauthorized: true,
        })
  server.on('session', (session) => session.on('error', () => {}))
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) =>
    onStream(stream, String(headers[':path'])),
  )
  server.listen(path, listening)
}

/** A certificate for another key, signed with the key of `authority`. */
const signedBy = (authority: Identity): Identity => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp521r1' })
  return {
    certificatePem: pemOfCertificate(
      certificateFor({
        publicKey,
        signer: createPrivateKey(authority.privateKeyPem),
        now: new Date(),
        subject: 'mallory',
      }),
    ),
    privateKeyPem: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
  }
}

const identity = await makeIdentity()
const certificate = derOf(identity.certificatePem)
const host = new HostLink(identity)

switch (mode) {
  case 'silent':
    setInterval(() => {}, 1_000)
    break
  case 'ends':
    exit(3)
    break
  case 'says':
    stdout.write(detail)
    setInterval(() => {}, 1_000)
    break
  case 'gigabyte': {
    setInterval(() => {}, 1_000)
    pour(
      (chunk) => stdout.write(chunk),
      (go) => void stdout.once('drain', go),
      Buffer.alloc(65_536, 'x'),
    )
    break
  }
  case 'swapped':
    serve(await makeIdentity(), () => introduce(certificate))
    break
  case 'signed':
    serve(signedBy(identity), () => introduce(certificate))
    break
  case 'elsewhere':
    introduce(certificate, detail)
    setInterval(() => {}, 1_000)
    break
  case 'links':
    symlinkSync(detail, path)
    introduce(certificate)
    setInterval(() => {}, 1_000)
    break
  case 'floods-stderr':
    serve(identity, () => {
      const lines = Buffer.from(`${'spam '.repeat(20)}\n`.repeat(600))
      for (let at = 0; at < 1_000; at++) stderr.write(lines)
      introduce(certificate)
    })
    break
  default:
    serve(identity, () => introduce(certificate))
}
