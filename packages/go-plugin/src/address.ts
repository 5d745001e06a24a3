// Where a plugin may say that it listens: a socket directly inside the folder that the host named, or a port of the
// loopback if the host allowed ports. Anything else would lead the host to a place of the plugin's choosing. It opens
// nothing.

import { isAbsolute, join } from 'node:path'
import { BulkheadError, escapeLine } from '@bulkhead/kernel'

/** One folder for sockets, as each side sees it. Equal when the plugin runs without a file system of its own. */
export interface SocketFolder {
  /** Absolute path for this process. */
  readonly onHost: string
  /** Absolute path for the plugin. */
  readonly inPlugin: string
}

/** Which addresses a plugin may announce. */
export interface AddressRules {
  readonly folder: SocketFolder
  /** Loopback ports that it may announce, both ends included; none when absent. */
  readonly ports?: { readonly first: number; readonly last: number }
}

/** A checked address, as this process reaches it. */
export type PluginAddress =
  | { readonly network: 'unix'; readonly path: string }
  | { readonly network: 'tcp'; readonly host: '127.0.0.1' | '::1'; readonly port: number }

/** `sockaddr_un` of Linux holds 108 bytes, of macOS 104, with the zero at its end. */
const maxSocketPathBytes = 103
/** No separators, no leading dot, and nothing that a log or a URL could take for something else. */
const socketName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/

const refuse = (network: string, address: string, why: string): never => {
  const said = `${escapeLine(network, 20)} ${escapeLine(address, 200)}`
  throw new BulkheadError('protocol.handshake', `the plugin announced the address ${said}, ${why}`)
}

/**
 * Checks what a plugin announced. The folder's own path is compared as text; nothing of the announced path but its last
 * segment is used.
 *
 * @throws BulkheadError `protocol.handshake`
 */
export const parseAddress = (network: string, address: string, rules: AddressRules): PluginAddress => {
  if (network === 'unix') return parseSocketPath(address, rules.folder)
  if (network === 'tcp') return parsePort(address, rules.ports)
  return refuse(network, address, 'which is neither a unix socket nor a tcp port')
}

const parseSocketPath = (address: string, folder: SocketFolder): PluginAddress => {
  const prefix = `${folder.inPlugin.replace(/\/+$/, '')}/`
  if (!address.startsWith(prefix)) return refuse('unix', address, `which is not in ${prefix}`)
  const name = address.slice(prefix.length)
  if (!socketName.test(name)) return refuse('unix', address, `which is not a plain name in ${prefix}`)
  return { network: 'unix', path: socketPathIn(folder, name) }
}

const parsePort = (address: string, ports: AddressRules['ports']): PluginAddress => {
  if (ports === undefined) return refuse('tcp', address, 'but only a unix socket was allowed')
  const [, four, six, digits] = /^(?:(127\.0\.0\.1)|\[(::1)\]):([1-9]\d{0,4})$/.exec(address) ?? []
  if (digits === undefined) return refuse('tcp', address, 'which is not a port of the loopback')
  const port = Number(digits)
  if (port < ports.first || port > ports.last)
    return refuse('tcp', address, `which is not between the ports ${ports.first} and ${ports.last}`)
  return { network: 'tcp', host: four === undefined && six !== undefined ? '::1' : '127.0.0.1', port }
}

/** The path of a socket of that name for this process. @throws BulkheadError `usage.invalid` when it is too long */
export const socketPathIn = (folder: SocketFolder, name: string): string => {
  const path = join(folder.onHost, name)
  if (!isAbsolute(path) || Buffer.byteLength(path) > maxSocketPathBytes)
    throw new BulkheadError('usage.invalid', `a socket cannot stand at ${escapeLine(path)}`, {
      hint: `Give an absolute folder whose path leaves room for a name within ${maxSocketPathBytes} bytes.`,
    })
  return path
}
