// Reads what a plugin in test mode prints for debugging: go-plugin's ReattachConfig as JSON, in the spelling that
// Terraform's providers made known. It is the operator's word, so it may name any socket; a port only on the loopback.

import { isAbsolute } from 'node:path'
import { BulkheadError, escapeLine, parseJson } from '@bulkhead/kernel'
import { z } from 'zod'
import type { PluginAddress } from './address.ts'

const ReattachConfig = z.object({
  Protocol: z.literal('grpc'),
  ProtocolVersion: z.int().min(0),
  Addr: z.object({ Network: z.enum(['unix', 'tcp']), String: z.string().min(1).max(1_024) }),
})

/** Where a plugin that is being debugged listens, and which version it speaks. */
export interface Reattach {
  readonly version: number
  readonly address: PluginAddress
}

const refuse = (why: string): never => {
  throw new BulkheadError('usage.invalid', `this is no reattach configuration of a gRPC plugin: ${why}`, {
    hint: 'Pass {"Protocol":"grpc","ProtocolVersion":1,"Addr":{"Network":"unix","String":"/tmp/plugin1"}}.',
  })
}

/** Parses one ReattachConfig. @throws BulkheadError `usage.invalid`, `input.not-json` */
export const parseReattach = (json: string): Reattach => {
  const value = parseJson(json, 'the reattach configuration', { maxLength: 16_384, maxDepth: 8 })
  const parsed = ReattachConfig.safeParse(value)
  if (!parsed.success) return refuse(escapeLine(z.prettifyError(parsed.error), 300))
  const { ProtocolVersion: version, Addr } = parsed.data
  if (Addr.Network === 'unix')
    return isAbsolute(Addr.String)
      ? { version, address: { network: 'unix', path: Addr.String } }
      : refuse('the socket has no absolute path')
  const port = Number(/^127\.0\.0\.1:(\d{1,5})$/.exec(Addr.String)?.[1])
  if (!(port > 0 && port < 65_536)) return refuse('the address is not a port of 127.0.0.1')
  return { version, address: { network: 'tcp', host: '127.0.0.1', port } }
}
