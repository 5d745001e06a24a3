// Where a connection is to lead: read once from whatever a client wrote, in the one spelling that the gate reads, the log
// shows and the dialer uses. Pure: nothing is resolved here.

import { z } from 'zod'

/** A host and a port as a client gave them, not looked at. */
export interface GivenTarget {
  readonly host: string
  readonly port: number
}

/**
 * Names in ASCII (an international one in its `xn--` form), addresses, IPv6 in brackets. What a URL parser would mend or
 * divide (user information, escapes, spaces, line breaks, a path) has no place here.
 */
const hostShape = /^(?:[A-Za-z0-9._-]{1,254}|\[[0-9A-Fa-f:.]{2,45}\])$/

/** `API.example.com.` → `api.example.com`, `0x7f.1` → `127.0.0.1`; undefined for what is no host. */
export const canonicalTargetHost = (host: string): string | undefined => {
  if (!hostShape.test(host) || !URL.canParse(`https://${host}/`)) return undefined
  const { hostname } = new URL(`https://${host}/`)
  const bare = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  return bare === '' || (!bare.startsWith('[') && bare.split('.').includes('')) ? undefined : bare
}

/** Reads the target of CONNECT (RFC 9110 section 7.1: host and port, both of them); undefined for anything else. */
export const parseAuthority = (text: string): GivenTarget | undefined => {
  const [, host, port] = /^([^:]{1,254}|\[[^\]]{2,45}\]):([1-9][0-9]{0,4})$/.exec(text) ?? []
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) }
}

/** The input of `net.connect`. */
export const connectInput = z.strictObject({
  host: z.string().transform((text, issues) => {
    const host = canonicalTargetHost(text)
    if (host !== undefined) return host
    issues.addIssue({ code: 'custom', message: 'is no host name or address' })
    return z.NEVER
  }),
  port: z.int().min(1).max(65_535),
})

/** See {@link connectInput}. */
export type ConnectTarget = z.output<typeof connectInput>

/**
 * The scope of the `network` capability of a connection. A grant without a scheme (`db.example.com:5432`) means https, and
 * http at port 80; so does a connection, of which nobody can know what it will carry.
 */
export const tunnelScope = ({ host, port }: ConnectTarget): string =>
  `CONNECT ${port === 80 ? 'http' : 'https'}://${host}:${port}/`
