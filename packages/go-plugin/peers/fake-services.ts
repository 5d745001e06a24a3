// For tests: the services of Bulkhead as the fake plugin serves them, and its way to the host's. What a tool does stands in
// `tools`; some of them attack.

import { connect, type ClientHttp2Session, constants, type ServerHttp2Stream } from 'node:http2'
import { connect as connectPlain } from 'node:net'
import { env, exit, stderr, stdout } from 'node:process'
import { connect as connectTls } from 'node:tls'
import type { Identity } from '../src/certificate.ts'
import { field, fieldsOf, frame, textOf, unframe } from './fake-wire.ts'

/** What a tool is given. */
interface Asked {
  readonly call: string
  readonly deadlineMs: number
  readonly input: unknown
  readonly stream: ServerHttp2Stream
}

/** An answer of the host to a host call that is a refusal. */
class HostError extends Error {
  readonly id: string
  constructor(code: string, id: string) {
    super(code)
    this.id = id
  }
}

/** The host as the plugin reaches it: where it listens is told by the broker. */
export class HostLink {
  readonly #identity: Identity
  readonly #address = Promise.withResolvers<string>()
  #session: Promise<ClientHttp2Session> | undefined

  constructor(identity: Identity) {
    this.#identity = identity
  }

  /** The host's stream of the broker: `ConnInfo` { service_id = 1, network = 2, address = 3 }. */
  hear(stream: ServerHttp2Stream): void {
    stream.on(
      'data',
      unframe((message) => this.#address.resolve(textOf(fieldsOf(message), 3))),
    )
  }

  /** Calls a host function in the name of a call. */
  async ask(call: string, name: string, input: unknown): Promise<unknown> {
    const request = [field(1, call), field(2, name), field(3, JSON.stringify(input ?? null))]
    const answer = fieldsOf(await this.#unary('/bulkhead.plugin.v1.Host/Call', Buffer.concat(request)))
    const refused = answer.get(2)
    if (refused instanceof Buffer) throw new HostError(textOf(fieldsOf(refused), 1), textOf(fieldsOf(refused), 4))
    return JSON.parse(textOf(answer, 1))
  }

  /** Writes a line to the log of a call. */
  async log(call: string, level: string, message: string): Promise<void> {
    const request = Buffer.concat([field(1, call), field(2, level), field(3, message)])
    await this.#unary('/bulkhead.plugin.v1.Host/Log', request)
  }

  async #unary(path: string, request: Buffer): Promise<Buffer> {
    this.#session ??= this.#open()
    const stream = (await this.#session).request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    stream.end(frame(request))
    const answer = Promise.withResolvers<Buffer>()
    stream.on('data', unframe(answer.resolve))
    stream.on('error', answer.reject)
    stream.on('close', () => answer.reject(new Error('no answer')))
    return await answer.promise
  }

  async #open(): Promise<ClientHttp2Session> {
    const path = await this.#address.promise
    const { certificatePem: cert, privateKeyPem: key } = this.#identity
    const ca = env['PLUGIN_CLIENT_CERT'] ?? ''
    return connect('https://localhost', {
      createConnection: () => connectTls({ path, cert, key, ca, servername: 'localhost', ALPNProtocols: ['h2'] }),
    })
  }
}

let count = 0
let firstCall = ''
const kept: Buffer[] = []

const forged = `fine\n{"@level":"error","@message":"forged"}\u001b[2J\u202e host: all is well`

/** A small Initialize for a name other than the manifest's, and so on, is said by the mode of the fake. */
const tools = (host: HostLink): Record<string, (asked: Asked) => unknown> => ({
  echo: ({ input }) => input,
  count: () => ++count,
  deadline: ({ deadlineMs }) => deadlineMs,
  ask: ({ call, input }) => host.ask(call, 'test.ask', input),
  function: ({ call, input }) => {
    const { name, input: given } = input as { name: string; input: unknown }
    return host.ask(call, name, given)
  },
  pester: async ({ call, input }) => {
    for (;;) await host.ask(call, 'test.ask', input)
  },
  chat: ({ call, input }) => host.log(call, 'info', input as string),
  fail: () => {
    throw new Error('not today')
  },
  spin: () => {
    for (;;);
  },
  hang: () => new Promise(() => {}),
  hoard: () => {
    for (;;) kept.push(Buffer.alloc(1 << 20, 1))
  },
  flood: () => 'x'.repeat(2 << 20),
  die: () => exit(7),
  environment: () => Object.keys(env).sort(),
  pid: () => process.pid,
  // As its environment says, which is by a proxy.
  fetch: async ({ input }) => {
    const response = await fetch(input as string)
    return { status: response.status, body: await response.text() }
  },
  // Past the proxy.
  around: ({ input }) =>
    new Promise((resolve) => {
      const socket = connectPlain({ host: '127.0.0.1', port: input as number, timeout: 2000 })
      socket.once('connect', () => resolve('reached'))
      socket.once('timeout', () => resolve('nothing'))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    }),
  // Remembers the name of its call, and uses that of its first one.
  borrow: ({ call, input }) => {
    firstCall ||= call
    return host.ask(firstCall, 'test.ask', input)
  },
  // A name that belongs to a service, for a plugin that serves it.
  'provider.chat': () => 'a tool',
  'tell-call': ({ call }) => host.ask(call, 'test.ask', call),
  guess: async ({ input }) => {
    const guesses = (input as string[]).map((guess) => host.ask(guess, 'test.ask', 1))
    return (await Promise.allSettled(guesses)).map((one) => (one.status === 'rejected' ? one.reason.message : 'taken'))
  },
  // Asks when nobody waits for it any more.
  later: ({ call }) => {
    setTimeout(() => {
      host.ask(call, 'test.ask', 'late').then(
        () => stderr.write('late call taken\n'),
        (error: Error) => stderr.write(`late call: ${error.message}\n`),
      )
    }, 50)
    return 'soon'
  },
  'forge-log': async ({ call }) => {
    stderr.write(`${forged}\n`)
    stderr.write(`${JSON.stringify({ '@level': 'warn', '@message': forged, key: `a=b\n${forged}` })}\n`)
    stdout.write(`${forged}\n`)
    await host.log(call, 'no such level', forged)
  },
  'flood-log': () => {
    for (let at = 0; at < 80; at++) stderr.write(`${'spam '.repeat(1000)}\n`.repeat(50))
    return 'done'
  },
  'name-call': ({ call }) => {
    stderr.write(`${JSON.stringify({ '@level': 'info', '@message': 'mine', call, other: 'x y' })}\n`)
    return new Promise((resolve) => setTimeout(resolve, 300, null))
  },
  // gRPC says `UNAVAILABLE` of a connection that broke; here it did not.
  unavailable: ({ stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' }, { endStream: true })
    return unanswered
  },
  'claim-a-gigabyte': ({ stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' })
    stream.on('error', () => {})
    stream.write(frame(Buffer.alloc(0), false, 2 ** 30))
    const zeros = Buffer.alloc(65_536)
    const pour = (): void => {
      while (!stream.destroyed && stream.write(zeros));
      if (!stream.destroyed) stream.once('drain', pour)
    }
    pour()
    return unanswered
  },
  push: ({ stream }) => {
    stream.pushStream({ ':path': '/plugin.GRPCStdio/StreamStdio' }, (_error, pushed) => {
      pushed?.on('error', () => {})
      pushed?.respond({ ':status': 200 })
      pushed?.end('x')
    })
    return 'pushed'
  },
  'no-message': ({ stream }) => {
    answer(stream, Buffer.from('this is no protobuf'))
    return unanswered
  },
  'go-away': ({ stream }) => {
    stream.session?.destroy(undefined, constants.NGHTTP2_NO_ERROR)
    return unanswered
  },
})

const unanswered = Symbol('answered otherwise')

const answer = (stream: ServerHttp2Stream, body: Buffer): void => {
  if (stream.destroyed || stream.headersSent) return
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(frame(body))
}

const execute = async (host: HostLink, request: Buffer, stream: ServerHttp2Stream): Promise<void> => {
  const fields = fieldsOf(request)
  const asked: Asked = {
    call: textOf(fields, 1),
    deadlineMs: Number(fields.get(4) ?? 0),
    input: JSON.parse(textOf(fields, 3)),
    stream,
  }
  try {
    const value = await tools(host)[textOf(fields, 2)]?.(asked)
    if (value !== unanswered) answer(stream, field(1, JSON.stringify(value ?? null)))
  } catch (error) {
    const failure = [field(1, 'error'), field(2, (error as Error).message)]
    if (error instanceof HostError) failure.push(field(3, error.id))
    answer(stream, field(2, Buffer.concat(failure)))
  }
}

/** Answers what belongs to Bulkhead; says whether it does. The plugin gives itself the name that it is told. */
export const serveBulkhead = (
  called: string,
  stream: ServerHttp2Stream,
  { host, name, services }: { readonly host: HostLink; readonly name: string; readonly services: readonly string[] },
): boolean => {
  const [, method] = /^\/bulkhead\.plugin\.v1\.(?:PluginLifecycle|Tool)\/(\w+)$/.exec(called) ?? []
  if (method === undefined) return false
  stream.on(
    'data',
    unframe((request) => {
      if (method === 'Initialize')
        answer(
          stream,
          Buffer.concat([field(1, name), field(2, '1.0.0'), ...services.map((service) => field(3, service))]),
        )
      else if (method === 'ListTools')
        answer(stream, Buffer.concat(Object.keys(tools(host)).map((tool) => field(1, field(1, tool)))))
      else if (method === 'Execute') void execute(host, request, stream)
      else answer(stream, Buffer.alloc(0))
    }),
  )
  return true
}
