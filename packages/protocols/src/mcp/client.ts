// An MCP server as a plugin: its tools are actions. The client offers the server nothing: no sampling, no roots, no
// elicitation. A server's word on the risk of its tools counts for nothing.

import { type ActionSpec, BulkheadError, escapeLine, type Json, type JsonObject, type LogLevel } from '@bulkhead/kernel'
import { describeIssues } from '../jsonrpc/message.ts'
import { hear, type JsonRpcPeer } from '../jsonrpc/options.ts'
import { openJsonRpcPeer } from '../jsonrpc/peer.ts'
import { serve } from '../jsonrpc/served-calls.ts'
import type { PeerIdentity } from '../plugin/options.ts'
import { type McpHandshake, shakeHands } from './handshake.ts'
import type { McpClient, McpClientOptions, ToolCall } from './options.ts'
import {
  callTool,
  discover,
  type ListedTool,
  listTools,
  logMessage,
  mcpCancel,
  maxTools,
  mcpPing,
  toolOutput,
  toolsChanged,
} from './shapes.ts'
import { actionsOf, type ToolEntry } from './tool-names.ts'

const maxPages = 100
const maxLogLength = 8192
/** Lines that are no JSON and are put up with: many servers greet on their output, which the specification forbids. */
const maxStrayLines = 16

/**
 * Opens a client on the streams of a server and finds out which revision it speaks.
 * @throws BulkheadError `protocol.handshake`, `protocol.version`, `protocol.violation`, `plugin.crashed`, `call.cancelled`
 */
export const openMcpClient = async (options: McpClientOptions): Promise<McpClient> => {
  const peer = openJsonRpcPeer({
    streams: options.streams,
    clock: options.clock,
    bounds: { maxStrayLines, ...options.bounds },
    cancel: mcpCancel,
    // Anything else that a server may ask of a client (sampling, roots, elicitation) is "method not found".
    serves: [serve(mcpPing, () => ({}))],
    hears: [
      hear(logMessage, ({ level, logger, data }) => {
        const text = typeof data === 'string' ? data : JSON.stringify(data ?? null)
        options.log(levelOf(level), escapeLine(logger ? `${logger}: ${text}` : text, maxLogLength))
      }),
      hear(toolsChanged, () => options.onToolsChanged?.()),
    ],
    log: (level, message) => options.log(level, message),
  })
  try {
    return new Client(peer, options, await shakeHands(peer, options))
  } catch (thrown) {
    peer[Symbol.dispose]()
    throw thrown
  }
}

/** Severities after RFC 5424. */
const levelOf = (level: string): LogLevel => {
  if (level === 'debug') return 'debug'
  if (level === 'info' || level === 'notice') return 'info'
  return level === 'warning' ? 'warn' : 'error'
}

class Client implements McpClient {
  readonly identity: PeerIdentity | undefined
  readonly revision: string
  readonly era: 'modern' | 'legacy'
  readonly #peer: JsonRpcPeer
  readonly #clock: McpClientOptions['clock']
  readonly #meta: McpHandshake['meta']
  #entries: ReadonlyMap<string, ToolEntry> = new Map()

  constructor(peer: JsonRpcPeer, { clock }: McpClientOptions, { identity, revision, era, meta }: McpHandshake) {
    this.#peer = peer
    this.#clock = clock
    this.#meta = meta
    this.identity = identity
    this.revision = revision
    this.era = era
  }

  get closed(): Promise<BulkheadError> {
    return this.#peer.closed
  }

  get statistics(): JsonRpcPeer['statistics'] {
    return this.#peer.statistics
  }

  async listActions(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Record<string, ActionSpec>> {
    const deadlineMs = this.#clock.monotonic() + options.timeoutMs
    const tools: ListedTool[] = []
    const cursors = new Set<string>()
    for (let cursor: string | undefined; ; ) {
      const params = { ...(cursor === undefined ? {} : { cursor }), ...this.#meta }
      const timeoutMs = Math.max(0, deadlineMs - this.#clock.monotonic())
      const page = await this.#peer.call(listTools, params, { ...options, timeoutMs })
      tools.push(...page.tools)
      if (tools.length > maxTools) throw invalid(`the server lists more than ${maxTools} tools`)
      cursor = page.nextCursor ?? undefined
      if (cursor === undefined) break
      if (cursors.has(cursor) || cursors.size >= maxPages) throw invalid('the server lists its tools without end')
      cursors.add(cursor)
    }
    this.#entries = actionsOf(tools)
    return Object.fromEntries([...this.#entries.values()].map(({ action, spec }) => [action, spec]))
  }

  async call({ action, input, timeoutMs, signal }: ToolCall): Promise<Json> {
    const entry = this.#entries.get(action)
    if (entry === undefined)
      throw new BulkheadError('action.unknown', `the server lists no tool for the action ${action}`)
    if (typeof input !== 'object' || Array.isArray(input))
      throw new BulkheadError('input.invalid', `the input of ${action} has to be an object: tools take nothing else`)
    const params = { name: entry.tool, arguments: (input ?? {}) as JsonObject, ...this.#meta }
    const result = await this.#peer.call(callTool, params, { timeoutMs, ...(signal === undefined ? {} : { signal }) })
    return outputOf(result, entry)
  }

  async ping(timeoutMs: number): Promise<void> {
    // The stateless revision has no ping; every server has to answer this.
    if (this.era === 'modern') await this.#peer.call(discover, this.#meta, { timeoutMs })
    else await this.#peer.call(mcpPing, {}, { timeoutMs })
  }

  endInput(): void {
    this.#peer.endInput()
  }

  [Symbol.dispose](): void {
    this.#peer[Symbol.dispose]()
  }
}

const invalid = (message: string): BulkheadError => new BulkheadError('output.invalid', message)

const outputOf = (
  result: { resultType?: string | null | undefined; isError?: boolean | null | undefined },
  { action, spec }: ToolEntry,
): Json => {
  const type = result.resultType ?? 'complete'
  if (type === 'input_required') {
    throw new BulkheadError('plugin.failed', `${action} asks for input of its own (sampling, roots or elicitation)`, {
      hint: 'Bulkhead offers a server none of these; use a tool that gets all it needs as input.',
    })
  }
  if (type !== 'complete') throw invalid(`${action} answered with a result of the unknown type "${escapeLine(type)}"`)
  const parsed = toolOutput.safeParse(result)
  if (!parsed.success)
    throw invalid(`the output of ${action} does not fit: ${escapeLine(describeIssues(parsed.error))}`)
  const content = parsed.data.content ?? []
  if (result.isError === true) {
    const text = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(' ')
    throw new BulkheadError('plugin.failed', `${action} failed: ${escapeLine(text, 4096)}`)
  }
  if (spec.output === undefined) return { content: content as unknown as Json }
  const { structuredContent } = parsed.data
  if (structuredContent === undefined) throw invalid(`${action} declares an output and gave none`)
  return structuredContent
}
