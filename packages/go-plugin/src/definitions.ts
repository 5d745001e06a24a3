// Loads the published .proto files, once, and hands out methods by their full names. The wire's names and numbers stand
// there and nowhere else.

import { fileURLToPath } from 'node:url'
import { loadSync, type MethodDefinition, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import { BulkheadError } from '@bulkhead/kernel'

/** Where the files stand: `proto/`, beside `src/` and `dist/`. */
export const protoFolder = fileURLToPath(new URL('../proto/', import.meta.url))

const files = [
  'plugin/go_plugin.proto',
  'grpc/health/v1/health.proto',
  'bulkhead/plugin/v1/lifecycle.proto',
  'bulkhead/plugin/v1/tool.proto',
  'bulkhead/plugin/v1/provider.proto',
  'bulkhead/plugin/v1/channel.proto',
  'bulkhead/plugin/v1/host.proto',
]

let loaded: PackageDefinition | undefined

const definitions = (): PackageDefinition => {
  // Missing fields get their defaults, so that a message has one shape whoever wrote it.
  loaded ??= loadSync(files, {
    keepCase: true,
    includeDirs: [protoFolder],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })
  return loaded
}

/** A service of the published files. @throws BulkheadError `host.internal` when there is none of that name */
export const serviceDefinition = (service: string): ServiceDefinition => {
  const found = definitions()[service]
  if (found === undefined || 'format' in found)
    throw new BulkheadError('host.internal', `no .proto file defines the service ${service}`)
  return found
}

/** A method, as gRPC calls it. */
export interface Method {
  /** `/package.Service/Method`. */
  readonly path: string
  serialize(message: object): Buffer
  /** Throws on bytes that are no such message. */
  deserialize(bytes: Buffer): object
}

/** A method of the published files. @throws BulkheadError `host.internal` when there is none of that name */
export const methodOf = (service: string, method: string): Method => {
  const found: MethodDefinition<object, object> | undefined = serviceDefinition(service)[method]
  if (found === undefined) throw new BulkheadError('host.internal', `${service} has no method ${method}`)
  return { path: found.path, serialize: found.requestSerialize, deserialize: found.responseDeserialize }
}
