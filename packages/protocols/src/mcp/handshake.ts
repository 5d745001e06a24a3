// Finds out which revision a server speaks, as the specification tells a client of both eras to do on stdio: ask with
// `server/discover`; a result, or an error that only the stateless revision has, is a modern server; anything else, or
// silence, is a legacy one, which gets `initialize`.

import { BulkheadError, escapeLine, type Json, type LogLevel } from '@bulkhead/kernel'
import type { JsonRpcPeer } from '../jsonrpc/options.ts'
import type { PeerIdentity } from '../plugin/options.ts'
import type { McpClientOptions } from './options.ts'
import {
  discover,
  initialize,
  initialized,
  legacyRevisions,
  modernErrors,
  modernRevision,
  setLogLevel,
} from './shapes.ts'

const defaultProbeTimeoutMs = 5000

/** What was found out. */
export interface McpHandshake {
  readonly era: 'modern' | 'legacy'
  readonly revision: string
  readonly identity: PeerIdentity | undefined
  /** What the params of every request have to carry. */
  readonly meta: { readonly _meta?: Record<string, Json> }
}

const levelNames = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warning',
  error: 'error',
} as const satisfies Record<LogLevel, string>

/** @throws BulkheadError `protocol.version`, `protocol.handshake`, and as {@link JsonRpcPeer.call} */
export const shakeHands = async (peer: JsonRpcPeer, options: McpClientOptions): Promise<McpHandshake> => {
  const { clock, handshakeTimeoutMs } = options
  const deadlineMs = clock.monotonic() + handshakeTimeoutMs
  const probeMs = options.probeTimeoutMs ?? defaultProbeTimeoutMs
  try {
    if (options.era !== 'legacy') {
      const isSure = options.era === 'modern'
      const found = await probe(peer, options, isSure ? handshakeTimeoutMs : Math.min(probeMs, handshakeTimeoutMs))
      if (found !== undefined) return found
      if (isSure) throw new BulkheadError('protocol.version', `the server does not speak revision ${modernRevision}`)
    }
    return await initializeLegacy(peer, options, Math.max(0, deadlineMs - clock.monotonic()))
  } catch (thrown) {
    const error = thrown as BulkheadError
    // The caller's own time was up, and that is no fault of the server's.
    if (options.signal?.aborted === true) throw error
    throw ['limit.time', 'plugin.failed', 'output.invalid'].includes(error.code)
      ? new BulkheadError('protocol.handshake', error.message, { cause: error })
      : error
  }
}

/** Undefined: a legacy server. */
const probe = async (
  peer: JsonRpcPeer,
  { client, logLevel, signal }: McpClientOptions,
  timeoutMs: number,
): Promise<McpHandshake | undefined> => {
  const meta = {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': modernRevision,
      'io.modelcontextprotocol/clientInfo': { ...client },
      'io.modelcontextprotocol/clientCapabilities': {},
      ...(logLevel === undefined ? {} : { 'io.modelcontextprotocol/logLevel': levelNames[logLevel] }),
    },
  }
  try {
    const found = await peer.call(discover, meta, {
      timeoutMs,
      opens: true,
      ...(signal === undefined ? {} : { signal }),
    })
    if (found.supportedVersions.includes(modernRevision)) {
      return {
        era: 'modern',
        revision: modernRevision,
        identity: found._meta?.['io.modelcontextprotocol/serverInfo'],
        meta,
      }
    }
    return legacyOrNone(found.supportedVersions)
  } catch (thrown) {
    const { code, details } = thrown as BulkheadError
    const rpcCode = code === 'plugin.failed' ? details?.['rpcCode'] : undefined
    if (rpcCode === modernErrors.unsupportedVersion) return legacyOrNone((details?.['versions'] ?? []) as string[])
    if (rpcCode === modernErrors.missingCapability || rpcCode === modernErrors.headerMismatch) throw thrown
    if (code === 'plugin.failed' || code === 'limit.time' || code === 'output.invalid') return undefined
    throw thrown
  }
}

const legacyOrNone = (supported: readonly string[]): undefined => {
  if (legacyRevisions.some((revision) => supported.includes(revision))) return
  const theirs = supported.slice(0, 8).map((one) => escapeLine(one, 32))
  const ours = [modernRevision, ...legacyRevisions].join(', ')
  throw new BulkheadError(
    'protocol.version',
    `the server speaks ${theirs.join(', ') || 'nothing known'}; the host speaks ${ours}`,
  )
}

const initializeLegacy = async (
  peer: JsonRpcPeer,
  { client, logLevel, signal }: McpClientOptions,
  timeoutMs: number,
): Promise<McpHandshake> => {
  const options = { timeoutMs, ...(signal === undefined ? {} : { signal }) }
  const answer = await peer.call(
    initialize,
    { protocolVersion: legacyRevisions[0], capabilities: {}, clientInfo: client },
    { ...options, opens: true },
  )
  const revision = legacyRevisions.find((one) => one === answer.protocolVersion)
  if (revision === undefined) return legacyOrNone([answer.protocolVersion]) as never
  peer.notify(initialized, {})
  if (logLevel !== undefined && Object.hasOwn(answer.capabilities, 'logging')) {
    await peer.call(setLogLevel, { level: levelNames[logLevel] }, options)
  }
  return { era: 'legacy', revision, identity: answer.serverInfo, meta: {} }
}
