// What each error means to the shell. The table answers every code of the kernel's table, or it does not compile.

import type { ErrorCode, WireError } from '@bulkhead/host'

/**
 * 0 done; 1 the plugin failed; 2 usage; 3 invalid plugin or manifest; 4 denied; 5 a limit was hit; 6 something needed is
 * missing here. A command that was ended by a signal exits with 128 and the signal's number instead.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6

/** The exit code of each error. */
export const exitCodes = {
  'usage.invalid': 2,
  'config.invalid': 2,
  'home.unsafe': 6,
  'trust.required': 4,

  'manifest.missing': 3,
  'manifest.ambiguous': 3,
  'manifest.invalid': 3,
  'manifest.too-large': 3,

  'plugin.unknown': 2,
  'plugin.disabled': 4,
  'plugin.failed': 1,
  'plugin.trap': 1,
  'plugin.exit': 1,
  'plugin.crashed': 1,
  'plugin.backing-off': 1,
  'plugin.quarantined': 1,
  'plugin.widened': 4,
  'action.unknown': 2,

  'artifact.missing': 3,
  'artifact.changed': 3,
  'artifact.invalid': 3,
  'artifact.not-wasm': 3,
  'artifact.feature': 3,
  'artifact.export-missing': 3,
  'artifact.import-unknown': 3,
  'artifact.compile': 3,
  'artifact.outside': 3,
  'artifact.too-large': 3,

  'input.invalid': 2,
  'input.not-json': 2,
  'input.too-large': 2,
  'input.too-deep': 2,
  'output.invalid': 1,
  'schema.invalid': 3,
  'schema.budget': 5,

  'capability.denied': 4,
  'capability.invalid': 2,

  'function.unknown': 1,
  'function.failed': 1,
  'http.failed': 1,
  'fs.not-found': 1,
  'fs.not-regular': 1,
  'fs.failed': 1,
  'notes.not-found': 1,
  'notes.conflict': 1,
  'notes.failed': 1,
  'kv.failed': 1,
  'graph.cycle': 1,

  'limit.time': 5,
  'limit.cpu': 5,
  'limit.memory': 5,
  'limit.stack': 5,
  'limit.fuel': 5,
  'limit.output': 5,
  'limit.host-calls': 5,
  'limit.host-call-time': 5,
  'limit.concurrency': 5,
  'limit.file-size': 5,
  'limit.http-response': 5,
  'limit.network': 5,
  'limit.network-daily': 5,
  'limit.notes-daily': 5,
  'limit.storage': 5,
  'limit.rate': 5,

  'call.cancelled': 1,
  'call.interrupted': 1,
  'call.depth': 5,

  'protocol.violation': 1,
  'protocol.handshake': 1,
  'protocol.version': 6,
  'protocol.stalled': 1,

  'lifecycle.transition': 1,
  'dependency.missing': 6,
  'dependency.version': 6,
  'dependency.cycle': 3,
  'engine.incompatible': 6,

  'audit.unavailable': 4,
  'audit.broken': 3,

  'host.closed': 1,
  'host.internal': 1,
  'sandbox.missing': 6,
  'sandbox.invalid': 2,
  'sandbox.failed': 6,
  'runtime.missing': 6,
} as const satisfies Record<ErrorCode, ExitCode>

/**
 * The exit code of one error. What went wrong in a plugin's own use of a host function (such an error carries an id)
 * is the plugin's failure: neither the caller's usage nor an invalid plugin.
 */
export const exitCodeOf = (error: WireError): ExitCode => {
  const code: ExitCode = exitCodes[error.code]
  return error.id !== undefined && (code === 2 || code === 3) ? 1 : code
}
