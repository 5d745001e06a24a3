// The side of the proxy that speaks SOCKS 5 (RFC 1928) with user name and password (RFC 1929). It reads what a client asks
// for and answers; who may connect where, it asks of the proxy.

import type { Socket } from 'node:net'
import { isSame, proxyUser } from './secret.ts'
import { socksRefusal, socksReplies } from './refusal.ts'
import type { GivenTarget } from './target.ts'

/** What this side asks of the proxy. */
export interface SocksPorts {
  readonly secret: string
  /** Told when the target was read: what comes now may take its time. */
  asked(): void
  /** Opens the connection; rejects with the error to tell. */
  open(target: GivenTarget): Promise<{ run(client: Socket, head: Uint8Array): void }>
  /** Notes what was refused before anybody was asked. */
  refused(why: string): void
}

/** The first byte of a SOCKS 5 client. */
export const socksVersion = 5

const passwordMethod = 2
const noMethod = 0xff
const connectCommand = 1

/** Serves one connection up to its tunnel, or its end. Never rejects. */
export const serveSocks = async (socket: Socket, ports: SocksPorts): Promise<void> => {
  const refuse = (why: string, answer: readonly number[]): void => {
    ports.refused(why)
    socket.end(Uint8Array.from(answer))
  }
  const reader = new Reader(socket)
  try {
    const [, methodCount = 0] = await reader.take(2)
    const methods = await reader.take(methodCount)
    if (!methods.includes(passwordMethod)) {
      return refuse('a SOCKS client offered no password', [socksVersion, noMethod])
    }
    socket.write(Uint8Array.of(socksVersion, passwordMethod))
    if (!(await isKnown(reader, ports.secret))) return refuse('a SOCKS client gave a wrong password', [1, 1])
    socket.write(Uint8Array.of(1, 0))
    const [, command, , type] = await reader.take(4)
    const target = await readTarget(reader, type)
    ports.asked()
    if (target === undefined) return refuse('a SOCKS client gave no host and port', reply(socksReplies.addressUnknown))
    if (command !== connectCommand) {
      return refuse(`the SOCKS command ${command} is not served`, reply(socksReplies.commandUnknown))
    }
    const opened = await ports.open(target).catch((thrown: unknown) => {
      socket.end(Uint8Array.from(reply(socksRefusal(thrown))))
    })
    if (opened === undefined) return
    socket.write(Uint8Array.from(reply(socksReplies.succeeded)))
    opened.run(socket, reader.rest)
  } catch {
    socket.destroy()
  }
}

/** The bound address is nobody's business. */
const reply = (code: number): number[] => [socksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0]

const isKnown = async (reader: Reader, secret: string): Promise<boolean> => {
  const [version, userLength = 0] = await reader.take(2)
  const user = (await reader.take(userLength)).toString('latin1')
  const [passwordLength = 0] = await reader.take(1)
  const password = (await reader.take(passwordLength)).toString('latin1')
  return isSame(`${user}:${password}`, `${proxyUser}:${secret}`) && version === 1
}

const readTarget = async (reader: Reader, type: number | undefined): Promise<GivenTarget | undefined> => {
  const host = await readHost(reader, type)
  if (host === undefined) return undefined
  const port = (await reader.take(2)).readUInt16BE()
  return { host, port }
}

const readHost = async (reader: Reader, type: number | undefined): Promise<string | undefined> => {
  if (type === 1) return (await reader.take(4)).join('.')
  if (type === 3) return (await reader.take((await reader.take(1)).readUInt8())).toString('latin1')
  if (type !== 4) return undefined
  const groups = (await reader.take(16)).toString('hex').match(/.{4}/g) ?? []
  return `[${groups.join(':')}]`
}

/**
 * Takes bytes off a socket in pieces of a known length. What came beyond them it holds itself: a stream that keeps some, and is
 * asked for more than it has, tells at once and again and again that it can be read.
 */
class Reader {
  readonly #socket: Socket
  #held: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** What came and was not taken. */
  get rest(): Buffer {
    return this.#held
  }

  /** Exactly so many bytes. @throws when the socket ends before */
  async take(length: number): Promise<Buffer> {
    while (this.#held.length < length) {
      const bytes = this.#socket.read() as Buffer | null
      if (bytes === null) await this.#wait()
      else this.#held = Buffer.concat([this.#held, bytes])
    }
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length)
    return taken
  }

  async #wait(): Promise<void> {
    if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error('the client is gone')
    const { promise, resolve } = Promise.withResolvers<void>()
    const events = ['readable', 'end', 'close', 'error'] as const
    for (const event of events) this.#socket.once(event, resolve)
    await promise
    for (const event of events) this.#socket.off(event, resolve)
  }
}
