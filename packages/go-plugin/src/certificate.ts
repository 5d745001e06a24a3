// Makes the certificate with which a host shows itself to one plugin: ECDSA P-521, self-signed, in memory only. It writes
// the few structures of RFC 5280 that this needs and reads none: what the other side sends is parsed by OpenSSL.

import { generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

/** A key and the certificate for it, PEM. */
export interface Identity {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

const makeKeyPair = promisify(generateKeyPair)

const encoded = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content])
  const length = Buffer.from(content.length.toString(16).replace(/^(?=(?:..)*.$)/, '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => encoded(0x30, ...parts)
const octets = (content: Uint8Array): Buffer => encoded(0x04, content)
const identifier = (hex: string): Buffer => encoded(0x06, Buffer.from(hex, 'hex'))
const bitString = (content: Uint8Array, unusedBits = 0): Buffer => encoded(0x03, Buffer.of(unusedBits), content)
const isTrue = Buffer.of(0x01, 0x01, 0xff)

/** RFC 5280 4.1.2.5: two-digit years until 2049, four digits after. */
const time = (date: Date): Buffer => {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050 ? encoded(0x17, Buffer.from(digits.slice(2))) : encoded(0x18, Buffer.from(digits))
}

const commonName = '550403'
const ecdsaWithSha512 = sequence(identifier('2a8648ce3d040304'))
const localhost = Buffer.from('localhost')
const nameOf = (text: string): Buffer =>
  sequence(encoded(0x31, sequence(identifier(commonName), encoded(0x0c, Buffer.from(text)))))

/** Extensions as go-plugin's own certificates have them; Go demands the name and both uses. */
const extensions = encoded(
  0xa3,
  sequence(
    // Basic constraints: an authority, because it is its own root.
    sequence(identifier('551d13'), isTrue, octets(sequence(isTrue))),
    // Key usage: digital signature, key encipherment, key agreement, certificate signing.
    sequence(identifier('551d0f'), isTrue, octets(bitString(Buffer.of(0b1010_1100), 2))),
    // Extended key usage: client and server authentication.
    sequence(identifier('551d25'), octets(sequence(identifier('2b06010505070302'), identifier('2b06010505070301')))),
    // Subject alternative name: DNS localhost.
    sequence(identifier('551d11'), octets(sequence(encoded(0x82, localhost)))),
  ),
)

const lifetimeDays = 20 * 365
const dayMs = 86_400_000

/** What a certificate says, and who says it. */
export interface CertificateFacts {
  /** The key that it is for. */
  readonly publicKey: KeyObject
  /** The key that signs it. */
  readonly signer: KeyObject
  readonly now: Date
  /** The common name of its bearer; `localhost` when absent. The signer is always called that. */
  readonly subject?: string
}

/** The certificate, DER, for `now` and twenty years on: a plugin may run for long, and the key dies with the host. */
export const certificateFor = ({ publicKey, signer, now, subject = 'localhost' }: CertificateFacts): Buffer => {
  const serial = randomBytes(16)
  // Positive, and without a leading zero byte.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const body = sequence(
    encoded(0xa0, Buffer.of(0x02, 0x01, 0x02)),
    encoded(0x02, serial),
    ecdsaWithSha512,
    nameOf('localhost'),
    sequence(time(new Date(now.getTime() - 30_000)), time(new Date(now.getTime() + lifetimeDays * dayMs))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  )
  return sequence(body, ecdsaWithSha512, bitString(sign('sha512', body, signer)))
}

/** Makes a new key and certificate, for one plugin process and no other. */
export const makeIdentity = async (now: Date = new Date()): Promise<Identity> => {
  const { publicKey, privateKey } = await makeKeyPair('ec', { namedCurve: 'secp521r1' })
  return {
    certificatePem: pemOfCertificate(certificateFor({ publicKey, signer: privateKey, now })),
    privateKeyPem: privateKey.export({ type: 'sec1', format: 'pem' }),
  }
}

/** A certificate's DER as PEM. */
export const pemOfCertificate = (der: Uint8Array): string => {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
