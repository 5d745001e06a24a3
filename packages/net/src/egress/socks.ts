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
  asked(socket: Socket): void
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
  try {
    const [, methodCount = 0] = await take(socket, 2)
    const methods = await take(socket, methodCount)
    if (!methods.includes(passwordMethod)) {
      return refuse('a SOCKS client offered no password', [socksVersion, noMethod])
    }
    socket.write(Uint8Array.of(socksVersion, passwordMethod))
    if (!(await isKnown(socket, ports.secret))) return refuse('a SOCKS client gave a wrong password', [1, 1])
    socket.write(Uint8Array.of(1, 0))
    const [, command, , type] = await take(socket, 4)
    const target = await readTarget(socket, type)
    ports.asked(socket)
    if (target === undefined) return refuse('a SOCKS client gave no host and port', reply(socksReplies.addressUnknown))
    if (command !== connectCommand) {
      return refuse(`the SOCKS command ${command} is not served`, reply(socksReplies.commandUnknown))
    }
    const opened = await ports.open(target).catch((thrown: unknown) => {
      socket.end(Uint8Array.from(reply(socksRefusal(thrown))))
    })
    if (opened === undefined) return
    socket.write(Uint8Array.from(reply(socksReplies.succeeded)))
    opened.run(socket, new Uint8Array(0))
  } catch {
    socket.destroy()
  }
}

/** The bound address is nobody's business. */
const reply = (code: number): number[] => [socksVersion, code, 0, 1, 0, 0, 0, 0, 0, 0]

const isKnown = async (socket: Socket, secret: string): Promise<boolean> => {
  const [version, userLength = 0] = await take(socket, 2)
  const user = (await take(socket, userLength)).toString('latin1')
  const [passwordLength = 0] = await take(socket, 1)
  const password = (await take(socket, passwordLength)).toString('latin1')
  return isSame(`${user}:${password}`, `${proxyUser}:${secret}`) && version === 1
}

const readTarget = async (socket: Socket, type: number | undefined): Promise<GivenTarget | undefined> => {
  const host = await readHost(socket, type)
  if (host === undefined) return undefined
  const port = (await take(socket, 2)).readUInt16BE()
  return { host, port }
}

const readHost = async (socket: Socket, type: number | undefined): Promise<string | undefined> => {
  if (type === 1) return (await take(socket, 4)).join('.')
  if (type === 3) return (await take(socket, (await take(socket, 1)).readUInt8())).toString('latin1')
  if (type !== 4) return undefined
  const groups = (await take(socket, 16)).toString('hex').match(/.{4}/g) ?? []
  return `[${groups.join(':')}]`
}

/** Exactly so many bytes. @throws when the socket ends before */
const take = async (socket: Socket, length: number): Promise<Buffer> => {
  if (length === 0) return Buffer.alloc(0)
  for (;;) {
    const bytes = socket.read(length) as Buffer | null
    if (bytes?.length === length) return bytes
    if (bytes !== null || socket.readableEnded || socket.destroyed) throw new Error('the client is gone')
    const { promise, resolve } = Promise.withResolvers<void>()
    const events = ['readable', 'end', 'close', 'error'] as const
    for (const event of events) socket.once(event, resolve)
    await promise
    for (const event of events) socket.off(event, resolve)
  }
}
