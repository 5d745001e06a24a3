// The introduction between host and plugin: what the host puts into the plugin's environment, and what it makes of the
// plugin's first line. Rules: go-plugin, docs/internals.md and the code of its client. It starts and dials nothing.

import { X509Certificate } from 'node:crypto'
import { BulkheadError, escapeLine } from '@bulkhead/kernel'
import { type AddressRules, type PluginAddress, parseAddress } from './address.ts'
import { type Identity, makeIdentity } from './certificate.ts'

/** What both sides must have agreed upon beforehand. */
export interface HandshakeOptions extends AddressRules {
  /** Tells a plugin that it was started by a host. No secret, and no defence. */
  readonly cookie: { readonly key: string; readonly value: string }
  /** Versions of the application's own protocol that this host speaks. */
  readonly versions: readonly number[]
}

/** A handshake about to be made with one process. */
export interface Handshake {
  /** To be given to the process, beside whatever else it is granted. */
  readonly environment: Readonly<Record<string, string>>
  readonly options: HandshakeOptions
  /** Proves this host to the plugin; made for this process alone. */
  readonly identity: Identity
}

/** What a plugin said of itself, checked. */
export interface Introduction {
  readonly version: number
  readonly address: PluginAddress
  /** The one certificate to be trusted, DER. */
  readonly certificate: Buffer
}

/** The cookie of plugins that are written for Bulkhead. */
export const bulkheadCookie = {
  key: 'BULKHEAD_PLUGIN',
  value: '3f1e1d6be38f4f7f8c0b56f0e26b7f2ad1c3a1d08a1a4f2e9f0f5f1b6f7c4e55',
} as const

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/
const coreVersion = '1'
/** A P-521 certificate of go-plugin has 800 characters; an RSA one of 4096 bits 1,900. */
const maxCertificateCharacters = 6_000

/** Longest first line, bytes. */
export const maxHandshakeBytes = 8_192

/** Makes the terms for one process. @throws BulkheadError `usage.invalid` */
export const makeHandshake = async (options: HandshakeOptions): Promise<Handshake> => {
  const { cookie, versions, folder, ports } = options
  if (!variableName.test(cookie.key) || cookie.value === '' || cookie.value.includes('\0'))
    throw new BulkheadError('usage.invalid', 'the magic cookie is not the name and value of an environment variable')
  if (versions.length === 0 || versions.some((version) => !Number.isSafeInteger(version) || version < 0))
    throw new BulkheadError('usage.invalid', 'a handshake needs at least one protocol version, each a whole number')
  const identity = await makeIdentity()
  return {
    options,
    identity,
    environment: {
      [cookie.key]: cookie.value,
      PLUGIN_PROTOCOL_VERSIONS: versions.join(','),
      PLUGIN_CLIENT_CERT: identity.certificatePem,
      PLUGIN_UNIX_SOCKET_DIR: folder.inPlugin,
      PLUGIN_MIN_PORT: String(ports?.first ?? 0),
      PLUGIN_MAX_PORT: String(ports?.last ?? 0),
    },
  }
}

const refuse = (message: string, hint?: string): never => {
  throw new BulkheadError('protocol.handshake', message, hint === undefined ? {} : { hint })
}

const refuseVersion = (message: string): never => {
  throw new BulkheadError('protocol.version', message, {
    hint: 'Install a plugin that was built for a version that the host speaks.',
  })
}

/**
 * Reads `core|version|network|address|protocol|certificate`. Further fields are for newer hosts and are left alone.
 *
 * @throws BulkheadError `protocol.handshake`, `protocol.version`
 */
export const parseIntroduction = (line: string, options: HandshakeOptions): Introduction => {
  const [core, version, network, address, protocol, certificate] = line.trim().split('|', 7)
  if (core === undefined || version === undefined || network === undefined || address === undefined)
    return refuse(`the plugin's first line is no handshake: ${escapeLine(line, 200) || 'it is empty'}`)
  if (core !== coreVersion)
    return refuseVersion(`the plugin speaks version ${escapeLine(core, 20)} of go-plugin's protocol; the host speaks 1`)
  const chosen = /^(?:0|[1-9]\d{0,8})$/.test(version) ? Number(version) : Number.NaN
  if (!options.versions.includes(chosen))
    return refuseVersion(
      `the plugin speaks version ${escapeLine(version, 20)}; the host speaks ${options.versions.join(', ')}`,
    )
  if (protocol !== 'grpc')
    return refuse(
      `the plugin speaks ${escapeLine(protocol ?? 'netrpc', 20)} where the host speaks grpc`,
      'Build the plugin with a GRPCServer in its ServeConfig.',
    )
  return {
    version: chosen,
    address: parseAddress(network, address, options),
    certificate: parseCertificate(certificate),
  }
}

const parseCertificate = (text: string | undefined): Buffer => {
  if (text === undefined || text === '')
    return refuse(
      'the plugin sent no certificate, so nothing shows that it is the one that answers',
      'Build it with a go-plugin that knows AutoMTLS (1.0 or later), without a TLSProvider of its own.',
    )
  if (text.length > maxCertificateCharacters || !/^[A-Za-z0-9+/]+$/.test(text))
    return refuse('the plugin sent a certificate that is not base64 without padding')
  const bytes = Buffer.from(text, 'base64')
  try {
    // What follows the certificate would not be part of it, so the bytes are taken from the parser.
    const { raw } = new X509Certificate(bytes)
    if (raw.equals(bytes)) return bytes
  } catch {
    // Refused below.
  }
  return refuse('the plugin sent a certificate that is none')
}
