// The network of one process: a proxy of its own on a socket that listens inside its sandbox and is answered from here, or
// nothing. It opens connections for the call under way and for nothing else.

import { realpathSync } from 'node:fs'
import { type LogLevel, type Manifest, parsePattern, type RuntimeCall } from '@bulkhead/kernel'
import type { Egress } from '@bulkhead/net'
import type { StartOptions } from '@bulkhead/sandbox'
import type { Program } from './program.ts'

/** On whose behalf connections are opened. */
export type NetworkCall = Pick<RuntimeCall, 'context' | 'dispatch' | 'perform' | 'log'>

/** See the file's head. Disposing closes the proxy. */
export interface ProcessNetwork extends Disposable {
  /** By which programs find the proxy. */
  readonly environment: Readonly<Record<string, string>>
  /** Lets the sandbox hand over its socket. */
  readonly startOptions: StartOptions
  /** Files of the host that a program needs to speak TLS, beside what it sees of the system. */
  readonly readable: (system: Program['system']) => readonly string[]
  begin(call: NetworkCall): void
  end(): void
}

/** Whose it is. */
export interface NetworkOwner {
  readonly name: string
  readonly principal?: string
  /** Lines outside of any call. */
  log(level: LogLevel, message: string): void
}

/** Each process has a network of its own, so they may all use one port. */
const proxyPort = 3128

/** Certificate authorities, where distributions keep them and programs look for them. */
const authorities = '/etc/ssl/certs/ca-certificates.crt'

/** Whether some ask of the manifest, by its name, can mean the network. */
export const asksForNetwork = ({ asks }: Pick<Manifest, 'asks'>): boolean =>
  asks.some(({ capability }) => /^(?:network|\*)(?:\.|$)/.test(parsePattern(capability).name))

/** Opens the proxy; it is served by the socket that a sandbox started with its options hands over. */
export const openNetwork = (egress: Egress, { name, principal, log }: NetworkOwner): ProcessNetwork => {
  const proxy = egress.openProxy({ plugin: name, log, ...(principal === undefined ? {} : { principal }) })
  return {
    environment: proxy.environment(proxyPort),
    startOptions: { listener: { port: proxyPort, onListening: (server) => proxy.serve(server) } },
    // With the installed programs they are seen anyway.
    readable: (system) => (system === 'libraries' && isPlainFile(authorities) ? [authorities] : []),
    begin: (call) => proxy.begin(call),
    end: () => proxy.end(),
    [Symbol.dispose]: () => proxy[Symbol.dispose](),
  }
}

const isPlainFile = (path: string): boolean => {
  try {
    return realpathSync(path) === path
  } catch {
    return false
  }
}
