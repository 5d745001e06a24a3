// The client's side of bulkhead.plugin.v1.PluginLifecycle: how a host greets a plugin and winds it down.

import { z } from 'zod'
import type { CallOptions } from './call.ts'
import type { Connection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { parseAnswer } from './parse-answer.ts'

const services = ['tool', 'provider', 'channel'] as const

const InitializeResponse = z.object({
  name: z.string().min(1).max(128),
  version: z.string().max(64),
  services: z.array(z.enum(services)).max(services.length),
})

/** What a plugin says of itself when it is greeted. Its word only: the manifest decides what it is. */
export type PluginGreeting = z.infer<typeof InitializeResponse>

/** What a host tells a plugin first. */
export interface InitializeRequest {
  readonly hostVersion: string
  /** The plugin's configuration, JSON. */
  readonly configJson: string
  /** The broker's number for `bulkhead.plugin.v1.Host`; absent when the host offers none. */
  readonly hostService?: number
  /** Names of the host functions that the plugin may try. */
  readonly functions?: readonly string[]
}

/** Greets the plugin, once. @throws BulkheadError as {@link Connection.call}; `protocol.violation` for an answer out of shape */
export const initializePlugin = async (
  connection: Connection,
  request: InitializeRequest,
  options: CallOptions = {},
): Promise<PluginGreeting> => {
  const method = methodOf('bulkhead.plugin.v1.PluginLifecycle', 'Initialize')
  const message = {
    host_version: request.hostVersion,
    config_json: Buffer.from(request.configJson),
    host_service: request.hostService ?? 0,
    functions: [...(request.functions ?? [])],
  }
  return parseAnswer(InitializeResponse, await connection.call(method, message, options), method)
}

/** Asks the plugin to finish what it has begun. @throws BulkheadError as {@link Connection.call} */
export const drainPlugin = async (connection: Connection, options: CallOptions = {}): Promise<void> => {
  await connection.call(methodOf('bulkhead.plugin.v1.PluginLifecycle', 'Drain'), {}, options)
}
