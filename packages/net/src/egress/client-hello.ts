// Reads the server name out of the first bytes that a TLS client sends (RFC 8446 section 4.1.2, RFC 6066 section 3), to see
// that a connection that was granted for one host is not used to speak with another one at the same address. Pure.

/** What the bytes say so far. `name` is absent when the client names no server. */
export type HelloReading =
  | { readonly kind: 'more' }
  | { readonly kind: 'not-tls' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'hello'; readonly name?: string }

/** Longest ClientHello that is waited for, bytes. Those with post-quantum keys have about 2 KiB. */
export const mostHelloBytes = 16 * 1024

/** Clients send one or two. */
const mostRecords = 16

const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
const hostName = 0

/** Walks over bytes; whoever reads past the end is told so by `undefined`. */
class Cursor {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  number(size: number): number | undefined {
    const part = this.take(size)
    return part?.reduce((sum, byte) => sum * 256 + byte, 0)
  }

  take(length: number): Uint8Array | undefined {
    if (length > this.left) return undefined
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Bytes after a length of `size` bytes. */
  vector(size: number): Uint8Array | undefined {
    const length = this.number(size)
    return length === undefined ? undefined : this.take(length)
  }
}

/** The handshake's bytes out of the records that they are divided into (section 5.1). */
const joinRecords = (bytes: Uint8Array): Uint8Array | HelloReading => {
  const cursor = new Cursor(bytes)
  const parts: Uint8Array[] = []
  while (cursor.left > 0) {
    const type = cursor.number(1)
    if (type !== handshakeRecord) return { kind: parts.length === 0 ? 'not-tls' : 'broken' }
    const major = cursor.number(1)
    if (major !== undefined && major !== 3) return { kind: parts.length === 0 ? 'not-tls' : 'broken' }
    cursor.take(1)
    const part = cursor.vector(2)
    if (part === undefined) break
    if (part.length === 0 || parts.length === mostRecords) return { kind: 'broken' }
    parts.push(part)
    if (isWhole(parts)) break
  }
  return Buffer.concat(parts)
}

const isWhole = (parts: readonly Uint8Array[]): boolean => {
  const head = new Cursor(Buffer.concat(parts))
  head.take(1)
  return head.vector(3) !== undefined
}

/** Reads as much as there is. */
export const readClientHello = (bytes: Uint8Array): HelloReading => {
  const joined = joinRecords(bytes)
  if (!(joined instanceof Uint8Array)) return joined
  const message = new Cursor(joined)
  const type = message.number(1)
  if (type !== undefined && type !== clientHello) return { kind: 'broken' }
  const body = message.vector(3)
  if (body === undefined) return bytes.length > mostHelloBytes ? { kind: 'broken' } : { kind: 'more' }
  return readBody(new Cursor(body))
}

const readBody = (body: Cursor): HelloReading => {
  const broken = { kind: 'broken' } as const
  // Version and random; session, cipher suites, compression methods.
  if (body.take(34) === undefined) return broken
  for (const size of [1, 2, 1]) if (body.vector(size) === undefined) return broken
  if (body.left === 0) return { kind: 'hello' }
  const block = body.vector(2)
  if (block === undefined || body.left > 0) return broken
  const extensions = new Cursor(block)
  let name: string | undefined
  while (extensions.left > 0) {
    const type = extensions.number(2)
    const content = extensions.vector(2)
    if (content === undefined) return broken
    if (type !== serverNameExtension) continue
    const read = readServerName(new Cursor(content))
    // Two of them would be read one way here and another way there.
    if (read === undefined || name !== undefined) return broken
    name = read
  }
  return name === undefined ? { kind: 'hello' } : { kind: 'hello', name }
}

const readServerName = (content: Cursor): string | undefined => {
  const list = content.vector(2)
  if (list === undefined || content.left > 0) return undefined
  const names = new Cursor(list)
  const type = names.number(1)
  const name = names.vector(2)
  if (type !== hostName || name === undefined || name.length === 0 || names.left > 0) return undefined
  return Buffer.from(name).toString('latin1').toLowerCase()
}
