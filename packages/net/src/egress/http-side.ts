// The side of the proxy that speaks HTTP/1: CONNECT for tunnels, and requests in absolute form. Node's own parser reads it,
// strictly; one request is served on each connection. Who may go where, it asks of the proxy.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { BulkheadError } from '@bulkhead/kernel'
import type { Pace } from './pace.ts'
import { type PlainAnswer, type PlainRequest, readPlainRequest, writePlainAnswer } from './plain-request.ts'
import { httpRefusal } from './refusal.ts'
import { isAuthorised } from './secret.ts'
import { type GivenTarget, parseAuthority } from './target.ts'

/** What this side asks of the proxy. */
export interface HttpSidePorts {
  readonly secret: string
  /** Holds back bodies in small pieces. */
  readonly pace: Pace
  /** Told when a request's head was read and its secret was right. */
  asked(socket: Socket): void
  /** Opens a tunnel; rejects with the error to tell. */
  open(target: GivenTarget): Promise<{ run(client: Socket, head: Uint8Array): void }>
  /** Runs one request in its turn, which lasts until the answer is gone. Rejects with the error to tell. */
  request(line: string, exchange: PlainExchange): Promise<void>
  /** Notes what was refused before anybody was asked. */
  refused(why: string, socket: Socket): void
}

/** The client's side of one request. */
export interface PlainExchange {
  /** Takes it off the wire. */
  read(): Promise<PlainRequest>
  /** Resolves when the client has the answer, or is gone. */
  answer(answer: PlainAnswer): Promise<void>
}

/** Serves connections that were accepted elsewhere. */
export interface HttpSide {
  serve(socket: Socket): void
}

/** Longest head of a request, bytes. */
const mostHeadBytes = 16 * 1024
const authenticate = 'Basic realm="bulkhead"'

/** Makes it. It listens nowhere and holds nothing open. */
export const makeHttpSide = (ports: HttpSidePorts): HttpSide => {
  const server = createServer({ maxHeaderSize: mostHeadBytes, insecureHTTPParser: false, keepAlive: false })
  server.maxRequestsPerSocket = 1
  server.on('connect', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    void connect(ports, { request, socket: stream as Socket, head })
  })
  server.on('request', (request, response) => void plain(ports, request, response))
  server.on('clientError', (error: NodeJS.ErrnoException, stream: Duplex) => {
    // Told of more than one fault, or of a client that left in the middle.
    if (stream.writableEnded || !stream.writable) return void stream.destroy()
    ports.refused(`a client of the proxy sent no request (${String(error.code).slice(0, 40)})`, stream as Socket)
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
  })
  return { serve: (socket) => void server.emit('connection', socket) }
}

const malformed = (what: string): BulkheadError =>
  new BulkheadError('input.invalid', `the target of CONNECT is ${what}`, {
    hint: 'Write a host and a port: CONNECT api.example.com:443.',
  })

const connect = async (
  ports: HttpSidePorts,
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Socket; readonly head: Buffer },
): Promise<void> => {
  // Node takes its own listeners away with the parser.
  socket.on('error', () => socket.destroy())
  if (!isAuthorised(request.headers['proxy-authorization'], ports.secret)) {
    ports.refused('a client of the proxy did not give its secret', socket)
    socket.end(
      `HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: ${authenticate}\r\nconnection: close\r\n\r\n`,
    )
    return
  }
  ports.asked(socket)
  // The parser takes a line without a version for HTTP/0.9.
  const target = request.httpVersionMajor === 1 ? parseAuthority(request.url ?? '') : undefined
  try {
    if (target === undefined) {
      ports.refused('a client of the proxy gave no host and port', socket)
      throw malformed('no host and port')
    }
    const opened = await ports.open(target)
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    opened.run(socket, head)
  } catch (thrown) {
    const { status, reason, body } = httpRefusal(thrown)
    const length = Buffer.byteLength(body)
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
    )
  }
}

const plain = async (ports: HttpSidePorts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  // Said by us, the answer ends the connection; Node's own bound on requests leaves that to the client.
  response.setHeader('connection', 'close')
  response.on('error', () => request.socket.destroy())
  if (!isAuthorised(request.headers['proxy-authorization'], ports.secret)) {
    ports.refused('a client of the proxy did not give its secret', request.socket)
    response.writeHead(407, { 'proxy-authenticate': authenticate }).end()
    return
  }
  ports.asked(request.socket)
  try {
    const method = request.method ?? ''
    if (request.httpVersionMajor !== 1) throw new BulkheadError('input.invalid', 'the request has no version')
    await ports.request(`${method} ${originOf(request.url ?? '')}`, {
      read: () => readPlainRequest(request, ports.pace),
      answer: async (answer) => {
        writePlainAnswer(answer, method, response)
        if (!request.socket.destroyed) await once(response, 'close')
      },
    })
  } catch (thrown) {
    if (response.headersSent || request.socket.destroyed) return void request.socket.destroy()
    const { status, reason, body } = httpRefusal(thrown)
    for (const name of response.getHeaderNames()) if (name !== 'connection') response.removeHeader(name)
    response.writeHead(status, reason, { 'content-type': 'text/plain; charset=utf-8' }).end(body)
  }
}

/** For the log: a path or a query may hold a secret. */
const originOf = (url: string): string => (URL.canParse(url) ? new URL(url).origin : 'no address')
