// The terms and the first line: what is taken, and every way to lead the host elsewhere.

import { X509Certificate } from 'node:crypto'
import { BulkheadError } from '@bulkhead/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeIdentity } from './certificate.ts'
import { bulkheadCookie, type HandshakeOptions, makeHandshake, parseIntroduction } from './handshake.ts'

const options: HandshakeOptions = {
  cookie: bulkheadCookie,
  versions: [2, 3],
  folder: { onHost: '/run/host/p1', inPlugin: '/sockets' },
}
const { certificatePem } = await makeIdentity()
const der = new X509Certificate(certificatePem).raw
const certificate = der.toString('base64').replace(/=+$/, '')
const line = (fields: Readonly<Record<string, string>> = {}): string => {
  const all = { core: '1', version: '3', network: 'unix', address: '/sockets/plugin123', protocol: 'grpc', certificate }
  return Object.values({ ...all, ...fields }).join('|')
}
const refusal = (text: string, others: Partial<HandshakeOptions> = {}): string => {
  try {
    parseIntroduction(text, { ...options, ...others })
  } catch (error) {
    if (error instanceof BulkheadError && /^protocol\.(handshake|version)$/.test(error.code)) return error.message
    throw error
  }
  throw new Error(`was taken: ${text}`)
}

test('the environment says what go-plugin reads', async () => {
  const { environment, identity } = await makeHandshake(options)
  expect(environment).toEqual({
    BULKHEAD_PLUGIN: bulkheadCookie.value,
    PLUGIN_PROTOCOL_VERSIONS: '2,3',
    PLUGIN_CLIENT_CERT: identity.certificatePem,
    PLUGIN_UNIX_SOCKET_DIR: '/sockets',
    PLUGIN_MIN_PORT: '0',
    PLUGIN_MAX_PORT: '0',
  })
  const made = new X509Certificate(identity.certificatePem)
  expect(made.checkHost('localhost')).toBe('localhost')
  expect(made.verify(made.publicKey)).toBe(true)
  expect(made.publicKey.asymmetricKeyDetails?.namedCurve).toBe('secp521r1')
})

test('each process gets a key of its own', async () => {
  const [one, other] = await Promise.all([makeHandshake(options), makeHandshake(options)])
  expect(one.identity.certificatePem).not.toBe(other.identity.certificatePem)
})

test.each([
  { cookie: { key: 'A=B', value: 'x' } },
  { cookie: { key: 'A', value: '' } },
  { versions: [] },
  { versions: [1.5] },
])('terms that no plugin could keep are refused: %j', async (others) => {
  await expect(makeHandshake({ ...options, ...others })).rejects.toMatchObject({ code: 'usage.invalid' })
})

test('a line is taken, with a path as this process sees it; more fields are left alone', () => {
  const taken = { version: 3, address: { network: 'unix', path: '/run/host/p1/plugin123' }, certificate: der }
  expect(parseIntroduction(line(), options)).toEqual(taken)
  expect(parseIntroduction(`${line()}|true|more`, options)).toEqual(taken)
})

describe('refused', () => {
  test.each([
    '/sockets/../etc/x',
    '/sockets/a/b',
    '/sockets//a',
    '/sockets/',
    '/sockets',
    '/socketsx/a',
    '/sockets/.a',
    '/sockets/..',
    '/sockets/a\0b',
    'sockets/a',
    '@abstract',
    '\0abstract',
    '/run/docker.sock',
    '/run/host/p1/plugin123',
    `/sockets/${'a'.repeat(65)}`,
  ])('the socket %j', (address) => {
    refusal(line({ address }))
  })

  test.each([
    '127.0.0.1:22',
    '127.0.0.1:9001',
    '127.0.0.2:8001',
    '0.0.0.0:8001',
    'localhost:8001',
    '169.254.169.254:80',
    '[::ffff:127.0.0.1]:8001',
    '127.1:8001',
    '127.0.0.1:08001',
    '127.0.0.1:8001x',
    '127.0.0.1',
    '[::1:8001',
  ])('the port %j', (address) => {
    refusal(line({ network: 'tcp', address }), { ports: { first: 8_000, last: 9_000 } })
  })

  test.each(['127.0.0.1:8000', '[::1]:9000'])('but not the port %j, within the range that was named', (address) => {
    const taken = parseIntroduction(line({ network: 'tcp', address }), {
      ...options,
      ports: { first: 8_000, last: 9_000 },
    })
    expect(taken.address).toMatchObject({ network: 'tcp' })
  })

  test.each(['udp', 'unixgram', '', 'UNIX'])('the network %j', (network) => {
    refusal(line({ network }))
  })

  test.each(['', '1', '4', '03', '3.0', '-3', '3e0', ' 3x'])('the version %j', (version) => {
    expect(() => parseIntroduction(line({ version }), options)).toThrow(
      expect.objectContaining({ code: 'protocol.version' }),
    )
  })

  test.each([
    ['nothing', ''],
    ['short text', 'AAAA'],
    ['text that is not base64', `${certificate.slice(0, -1)}!`],
    [
      'a certificate and more',
      Buffer.concat([der, Buffer.from('more')])
        .toString('base64')
        .replace(/=+$/, ''),
    ],
    ['a certificate that is cut', certificate.slice(0, 400)],
    ['more than any certificate', 'A'.repeat(6_001)],
  ])('as certificate, %s', (_, text) => {
    expect(refusal(line({ certificate: text }))).toMatch(/certificate/)
  })

  test('any text that is no handshake, with a short message of printable characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const message = refusal(text)
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        expect(message.length).toBeLessThan(2_500)
      }),
    )
  })
})
