// An egress proxy on a loopback port, with the door and the gate behind it, for attacks that need no sandbox: what it lets
// through, and what it says to the rest.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type AuditEvent, type BulkheadError, type Limits } from '@bulkhead/kernel'
import { type EgressProxy, type Lookup, makeMemoryLedger, openDialer, type ProxyBounds } from '@bulkhead/net'
import { makeEgress } from '@bulkhead/net/egress'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { type Door, openDoor } from './door.ts'

/** Options of {@link openEgressBench}. */
export interface EgressBenchOptions {
  readonly grants?: readonly string[]
  readonly denies?: readonly string[]
  readonly limits?: Partial<Limits>
  readonly bounds?: Partial<ProxyBounds>
  /** No name resolves when absent. */
  readonly lookup?: Lookup
}

/** A proxy with a call under way. */
export interface EgressBench extends AsyncDisposable {
  readonly proxy: EgressProxy
  readonly door: Door
  /** The value of `Proxy-Authorization` that is right. */
  readonly authorization: string
  readonly records: readonly AuditEvent[]
  readonly lines: readonly string[]
  dial(): Promise<Socket>
  /** Sends a text (`{auth}` is replaced) and answers all that comes back until the proxy closes. */
  say(text: string): Promise<string>
  /** CONNECT with the right secret; the status, the body of a refusal, and the socket. */
  tunnel(to: string): Promise<{ readonly status: number; readonly text: string; readonly socket: Socket }>
  endCall(reason?: BulkheadError): void
}

/** Opens it. */
export const openEgressBench = async (options: EgressBenchOptions = {}): Promise<EgressBench> => {
  const { lookup = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' })), bounds } = options
  const dialer = openDialer({ lookup, connectTimeoutMs: 1000 })
  const records: AuditEvent[] = []
  const lines: string[] = []
  const onRecord = (event: AuditEvent): void => void records.push(event)
  const ledger = makeMemoryLedger()
  const door = openDoor({ ...options, functions: makeHttpFunctions({ dialer, version: '0', ledger }), onRecord })
  const audit = { append: async (event: AuditEvent) => (onRecord(event), '') }
  const log = (_level: string, message: string): void => void lines.push(message)
  const proxy = makeEgress({ dialer, ledger, audit }).openProxy({
    plugin: 'plugin',
    log,
    ...(bounds === undefined ? {} : { bounds }),
  })
  const server = createServer()
  proxy.serve(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { context, session } = door
  proxy.begin({ context, dispatch: session.dispatch, perform: session.perform, log })
  const authorization = `Basic ${Buffer.from(`bulkhead:${proxy.secret}`).toString('base64')}`

  const dial = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  return {
    proxy,
    door,
    authorization,
    records,
    lines,
    dial,
    say: async (text) => {
      const socket = await dial()
      socket.write(text.replaceAll('{auth}', authorization), 'latin1')
      return (await buffer(socket).catch(() => Buffer.from('!cut off'))).toString('latin1')
    },
    tunnel: async (to) => {
      const socket = await dial()
      socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\nProxy-Authorization: ${authorization}\r\n\r\n`, 'latin1')
      const head: Buffer = await new Promise((resolve) => {
        const heard: Buffer[] = []
        const look = (chunk: Buffer): void => {
          heard.push(chunk)
          if (!Buffer.concat(heard).includes('\r\n\r\n')) return
          settle()
        }
        const settle = (): void => {
          socket.off('data', look).off('close', settle).pause()
          resolve(Buffer.concat(heard))
        }
        socket.on('data', look).once('close', settle)
      })
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(String(head))?.[1] ?? 0)
      const rest = status === 200 ? '' : await buffer(socket).then(String, () => '')
      return { status, text: String(head) + rest, socket }
    },
    endCall: (reason) => {
      if (reason === undefined) proxy.end()
      else door.abort(reason)
    },
    [Symbol.asyncDispose]: async () => {
      proxy[Symbol.dispose]()
      await dialer[Symbol.asyncDispose]()
    },
  }
}
