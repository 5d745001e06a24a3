// The client's side of bulkhead.plugin.v1.Tool: which actions a plugin offers, and running one of them.

import {
  actionNamePattern,
  BulkheadError,
  escapeLine,
  type Json,
  type JsonCaps,
  parseJson,
  type Risk,
} from '@bulkhead/kernel'
import { z } from 'zod'
import { type CallNotice, type CallOptions, noticeFields } from './call.ts'
import type { Connection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { parseAnswer } from './parse-answer.ts'

const maxTools = 256
const maxListBytes = 1024 * 1024
/** As for the schemas that other plugins bring. */
const maxSchemaBytes = 64 * 1024

const risks = {
  RISK_UNSPECIFIED: undefined,
  RISK_READ_ONLY: 'read-only',
  RISK_WRITE: 'write',
  RISK_RISKY: 'risky',
  RISK_DANGEROUS: 'dangerous',
} as const satisfies Record<string, Risk | undefined>

type RiskName = keyof typeof risks

const SchemaBytes = z.instanceof(Buffer).refine((bytes) => bytes.length <= maxSchemaBytes, 'a schema is too large')

const ListToolsResponse = z.object({
  tools: z
    .array(
      z.object({
        name: z
          .string()
          .regex(actionNamePattern)
          .refine((name) => name !== '__proto__', 'is no name of an action'),
        description: z.string().max(4_096),
        input_schema_json: SchemaBytes,
        output_schema_json: SchemaBytes,
        risk: z.enum(Object.keys(risks) as [RiskName, ...RiskName[]]),
      }),
    )
    .max(maxTools),
})

const ExecuteResponse = z.discriminatedUnion('result', [
  z.object({ result: z.literal('output_json'), output_json: z.instanceof(Buffer) }),
  z.object({
    result: z.literal('failure'),
    failure: z.object({ code: z.string(), message: z.string(), host_error_id: z.string() }),
  }),
])

/** What a plugin says of one of its tools. */
export interface ToolDescription {
  readonly name: string
  readonly description: string
  /** JSON Schemas as the plugin wrote them; hostile until an interpreting validator has taken them. */
  readonly inputSchema?: Json
  readonly outputSchema?: Json
  /** The plugin's own opinion, absent when it has none. */
  readonly risk?: Risk
}

/** One call of a tool. */
export interface ToolCall extends CallNotice {
  readonly tool: string
  /** One JSON document. */
  readonly inputJson: string
}

const schemaOf = (bytes: Buffer, what: string): Json | undefined =>
  bytes.length === 0 ? undefined : parsePluginJson(bytes, what, { maxLength: maxSchemaBytes, maxDepth: 64 })

const parsePluginJson = (bytes: Buffer, what: string, caps: JsonCaps): Json => {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), what, caps)
  } catch (cause) {
    throw new BulkheadError('output.invalid', `${what} is not JSON within its caps: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Asks for the tools. @throws BulkheadError `protocol.violation`, `limit.output`, `output.invalid`; as {@link Connection.call} */
export const listTools = async (connection: Connection, options: CallOptions = {}): Promise<ToolDescription[]> => {
  const method = methodOf('bulkhead.plugin.v1.Tool', 'ListTools')
  const answer = await connection.call(method, {}, { maxResponseBytes: maxListBytes, maxFields: maxTools, ...options })
  const { tools } = parseAnswer(ListToolsResponse, answer, method)
  const names = new Set<string>()
  return tools.map(({ name, description, input_schema_json, output_schema_json, risk }) => {
    if (names.has(name)) throw new BulkheadError('protocol.violation', `the plugin lists the tool ${name} twice`)
    names.add(name)
    const inputSchema = schemaOf(input_schema_json, `the input schema of ${name}`)
    const outputSchema = schemaOf(output_schema_json, `the output schema of ${name}`)
    return {
      name,
      description,
      ...(inputSchema === undefined ? {} : { inputSchema }),
      ...(outputSchema === undefined ? {} : { outputSchema }),
      ...(risks[risk] === undefined ? {} : { risk: risks[risk] }),
    }
  })
}

/**
 * Runs a tool and hands on its output.
 *
 * @throws BulkheadError `plugin.failed` with the plugin's code in `details.guestCode` and, if the plugin names a host error
 * as its reason, that one's id in `details.hostErrorId`; `output.invalid`; as {@link Connection.call}
 */
export const executeTool = async (
  connection: Connection,
  { tool, inputJson, ...notice }: ToolCall,
  options: CallOptions = {},
): Promise<Json> => {
  const method = methodOf('bulkhead.plugin.v1.Tool', 'Execute')
  const message = { ...noticeFields(notice), tool, input_json: Buffer.from(inputJson) }
  const answer = parseAnswer(ExecuteResponse, await connection.call(method, message, options), method)
  if (answer.result === 'output_json')
    return parsePluginJson(answer.output_json, `the output of ${tool}`, {
      maxLength: answer.output_json.length,
      maxDepth: 128,
      maxMembers: 250_000,
    })
  const { code, message: text, host_error_id: id } = answer.failure
  throw new BulkheadError('plugin.failed', escapeLine(text, 1_000) || `the tool ${tool} failed`, {
    details: {
      ...(code === '' ? {} : { guestCode: escapeLine(code, 100) }),
      ...(id === '' ? {} : { hostErrorId: escapeLine(id, 100) }),
    },
  })
}
