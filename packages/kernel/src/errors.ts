// The one error class and the closed table of codes. A code is never reused for another meaning; surfaces map the
// codes exhaustively (exit codes, HTTP statuses), so a new line here fails to compile until every surface answers it.

import type { JsonObject } from './json-value.ts'

/** One line of the table: what the code means, and what a person can usually do about it. */
export interface ErrorEntry {
  readonly summary: string
  readonly hint: string
}

const entry = (summary: string, hint: string): ErrorEntry => ({ summary, hint })

/** A limit is raised by the operator; a manifest can only have asked for less. */
const raise = (name: string, field: string, example: string, instead: string): string =>
  `Raise it with --limit ${name}=${example} or policy.limits.${field}, and limits.${name} of the manifest if that asks for less. ${instead}`

/** Every error code that Bulkhead raises, `area.reason`. `docs/reference/errors.md` is compared with this table by a test. */
export const errorTable = {
  'usage.invalid': entry('The command or call was used wrongly.', 'Run the command with --help.'),
  'config.invalid': entry('A configuration or policy file is not valid.', 'Correct the named field and try again.'),
  'home.unsafe': entry('The state folder can be written by others.', 'Make it yours alone: chmod 700 on the folder.'),
  'trust.required': entry(
    'A project folder asks to be obeyed and is not trusted.',
    'Read it, then run: bulkhead trust <folder>.',
  ),

  'manifest.missing': entry('No manifest was found.', 'Add a plugin.yaml, or name a single script or .wasm file.'),
  'manifest.ambiguous': entry(
    'A folder holds more than one manifest.',
    'Keep one of plugin.yaml, plugin.toml and plugin.json.',
  ),
  'manifest.invalid': entry('The manifest has faults.', 'Each fault names its line, its field and the mend.'),
  'manifest.too-large': entry(
    'The manifest exceeds its size or depth cap.',
    'Keep a manifest under 256 KiB and 64 levels.',
  ),

  'plugin.unknown': entry('No plugin of that name is known.', 'Run: bulkhead list.'),
  'plugin.disabled': entry('The plugin is disabled.', 'Remove the file .disabled from its folder to enable it.'),
  'plugin.failed': entry(
    'The plugin reported a failure of its own.',
    'The message comes from the plugin; ask its author.',
  ),
  'plugin.trap': entry('The plugin trapped.', 'This is a bug in the plugin; its log may say more.'),
  'plugin.exit': entry('The plugin ended its own instance.', 'A library-style action must return instead of exiting.'),
  'plugin.crashed': entry(
    'The compartment that ran the plugin died.',
    'The next call gets a new one; if it recurs, report it.',
  ),
  'plugin.backing-off': entry(
    'The plugin crashed several times and is not started again yet.',
    'Call again later: details.retryAfterMs says when. Its log may say why it crashes.',
  ),
  'plugin.quarantined': entry(
    'The plugin crashed so often that it is not started any more.',
    'See why it crashes, mend it, and say that it may run again: host.reloadPlugin(<plugin>).',
  ),
  'plugin.widened': entry(
    'The new version of the plugin asks for more than the one that runs.',
    'Read what it asks for. If you agree, load it anew: host.loadPlugin(<path>).',
  ),
  'action.unknown': entry('The plugin has no action of that name.', 'Run: bulkhead show <plugin>.'),

  'artifact.missing': entry(
    'A file that the plugin needs is not there.',
    'Build the plugin, or correct execution.entry.',
  ),
  'artifact.invalid': entry('The artifact is not a valid program.', 'Build it again; it may be truncated.'),
  'artifact.changed': entry(
    'The artifact was changed while it was being run.',
    'Another program writes there. Find it; then load the plugin again.',
  ),
  'artifact.not-wasm': entry('The file is not a WebAssembly module.', 'A module starts with the bytes 00 61 73 6d.'),
  'artifact.feature': entry(
    'The module uses a WebAssembly feature that is off.',
    'Build it without that feature; some can be turned on by the operator: --feature gc, or policy.features.',
  ),
  'artifact.export-missing': entry(
    'The module does not export what was called.',
    'Export the function, or correct the action name.',
  ),
  'artifact.import-unknown': entry(
    'The module imports something that the host does not offer.',
    'Build against the Extism PDK, WASI preview 1 or bulkhead:host.',
  ),
  'artifact.compile': entry('The script does not compile.', 'Correct the source at the line shown.'),
  'artifact.outside': entry(
    'The plugin refers to a file outside its own folder.',
    'Move the file into the plugin folder.',
  ),
  'artifact.too-large': entry(
    'The artifact exceeds the size cap.',
    'Make the artifact smaller, or raise limits.fileSize.',
  ),

  'input.invalid': entry('The input does not fit the schema.', 'Correct the named fields.'),
  'input.not-json': entry('The input is not JSON.', 'Pass one JSON document, or use --raw for bytes.'),
  'input.too-large': entry('The input exceeds the size cap.', 'Send less, or send a reference to the data.'),
  'input.too-deep': entry('The input is nested deeper than the cap.', 'Flatten the input.'),
  'output.invalid': entry(
    'The plugin returned something that does not fit its own schema.',
    'This is a bug in the plugin.',
  ),
  'schema.invalid': entry(
    'A JSON Schema is not valid or exceeds its caps.',
    'Correct the schema; remote references and huge patterns are refused.',
  ),
  'schema.budget': entry('Validation took more steps than its budget.', 'Simplify the schema or send a smaller value.'),

  'capability.denied': entry('The gate refused the call.', 'Grant the capability if you trust the plugin with it.'),
  'capability.invalid': entry(
    'The text is not a capability or a grant.',
    'Write <permission>[:<scope>], for example network:GET https://api.example.com/*.',
  ),

  'function.unknown': entry(
    'The host offers no function of that name.',
    'Check the spelling; docs/reference/host-functions.md lists the functions.',
  ),
  'function.failed': entry('A host function failed.', 'The message says what it tried.'),
  'http.failed': entry('The HTTP request failed.', 'Check the address, and that the server answers.'),
  'fs.not-found': entry(
    'The file or folder does not exist.',
    'Check the path; relative paths start at the workspace root.',
  ),
  'fs.not-regular': entry('The path is not a regular file.', 'Only regular files and folders can be used.'),
  'fs.failed': entry('The file operation failed.', 'The message says which operation and why.'),
  'graph.cycle': entry(
    'The graph has a cycle where none may be.',
    'details.cycle names its nodes; take one of its edges away.',
  ),
  'notes.not-found': entry('The note does not exist.', 'Check the path; notes.list lists what is there.'),
  'notes.conflict': entry(
    'The note is not what the writer took it for.',
    'Read it again, and write with the version that it has now: details.version.',
  ),
  'notes.failed': entry('The operation on the notes failed.', 'The message says which operation and why.'),
  'kv.failed': entry('The store failed.', 'Check that the state folder is writable and not full.'),

  'limit.time': entry(
    'The call ran past its wall-clock limit.',
    raise('wall', 'wallMs', '2m', 'Or raise the caller’s own --timeout, or do less in one call.'),
  ),
  'limit.cpu': entry(
    'The call used more CPU time than its limit.',
    raise('cpu', 'cpuMs', '1m', 'Or do less in one call.'),
  ),
  'limit.memory': entry(
    'The plugin needs more memory than its limit.',
    raise('memory', 'memoryBytes', '256MiB', '--memory is the same.'),
  ),
  'limit.stack': entry('The plugin overflowed its stack.', 'Recurse less deeply, or work through a list instead.'),
  'limit.fuel': entry(
    'The plugin ran out of fuel.',
    raise('fuel', 'fuel', '1000000000', '--fuel is the same. Or do less in one call.'),
  ),
  'limit.output': entry(
    'The plugin returned more than its output limit.',
    raise('output', 'outputBytes', '32MiB', 'Or return less.'),
  ),
  'limit.host-calls': entry(
    'The plugin made more host calls than its limit.',
    raise('hostCalls', 'hostCalls', '50000', 'Or do more with each.'),
  ),
  'limit.host-call-time': entry(
    'A host call ran past its limit.',
    raise('hostCall', 'hostCallMs', '2m', 'Or see why what it waited for is slow.'),
  ),
  'limit.concurrency': entry(
    'Too many calls wait for the plugin.',
    raise('concurrency', 'concurrency', '32', 'Or call less at once.'),
  ),
  'limit.file-size': entry(
    'A file exceeds the file size limit.',
    raise('fileSize', 'fileSizeBytes', '64MiB', 'Or use smaller files.'),
  ),
  'limit.http-response': entry(
    'A response exceeds the response size limit.',
    raise('httpResponse', 'httpResponseBytes', '32MiB', 'Or ask the server for less.'),
  ),
  'limit.network': entry(
    'The call sent and received more over the network than its limit.',
    raise('network', 'networkBytes', '500MiB', 'Or move less in one call.'),
  ),
  'limit.network-daily': entry(
    'The plugin used up what it may send and receive over the network in one day.',
    raise('networkDaily', 'networkDailyBytes', '2GiB', 'Or wait: the day ends at midnight UTC.'),
  ),
  'limit.storage': entry(
    'The plugin used up its storage quota.',
    raise('storage', 'storageBytes', '200MiB', 'Or delete keys.'),
  ),
  'limit.notes-daily': entry(
    'The plugin used up what it may write into notes in one day.',
    raise('notesDaily', 'notesDailyBytes', '2GiB', 'Or wait: the day ends at midnight UTC.'),
  ),
  'limit.rate': entry(
    'The plugin is called more often than its rate limit.',
    raise('rate', 'ratePerSecond', '100', 'Or call less often; details.retryAfterMs says when the next call may come.'),
  ),

  'call.cancelled': entry('The call was cancelled.', 'Nothing to mend: the caller ended it.'),
  'call.interrupted': entry(
    'The call was cut off because its compartment was ended for another call.',
    'It is safe to call again if the action is.',
  ),
  'call.depth': entry(
    'Calls between plugins are nested too deeply.',
    'Look for plugins that call each other in a circle.',
  ),

  'protocol.violation': entry(
    'The plugin broke the rules of the protocol that it speaks.',
    'This is a bug in the plugin; the message says which rule, and its log may say more.',
  ),
  'protocol.handshake': entry(
    'The plugin did not finish its handshake.',
    'Check that the program speaks the protocol of execution.protocol, its version too, and prints nothing before it.',
  ),
  'protocol.version': entry(
    'The plugin and Bulkhead share no version of the protocol.',
    'Update the plugin or Bulkhead; the message names the versions of both.',
  ),
  'protocol.stalled': entry(
    'The plugin does not read what it is sent.',
    'This is a bug in the plugin: it has to read its input while it works.',
  ),

  'lifecycle.transition': entry(
    'The plugin cannot go from its state to that one.',
    'Wait for the running transition to end.',
  ),
  'dependency.missing': entry('A dependency is not installed.', 'Install the named plugin.'),
  'dependency.version': entry('A dependency has the wrong version.', 'Install a version inside the range.'),
  'dependency.cycle': entry('Plugins depend on each other in a circle.', 'Break the circle that the message shows.'),
  'engine.incompatible': entry('The plugin needs another version of Bulkhead.', 'Update Bulkhead or the plugin.'),

  'audit.unavailable': entry(
    'The audit record could not be written, and the policy is fail-closed.',
    'Free disk space, or correct the folder permissions.',
  ),
  'audit.broken': entry('The audit log does not verify.', 'The message names the first bad record.'),

  'host.closed': entry('The host is closed.', 'Open a new one with openHost().'),
  'host.internal': entry('Something went wrong inside Bulkhead.', 'This is a bug in Bulkhead: please report it.'),
  'sandbox.missing': entry(
    'This host has no sandbox of the operating system that holds.',
    'The message says what is missing; bulkhead doctor tells all that is and is not effective.',
  ),
  'sandbox.invalid': entry(
    'What a confined program was to be given cannot be enforced as it was written.',
    'Correct the named path, name or limit.',
  ),
  'sandbox.failed': entry('A confined program could not be started.', 'The message holds what the sandbox said.'),
  'runtime.missing': entry(
    'This build has no runtime for that tier or language.',
    'Use script or wasm, or install the runtime.',
  ),
} as const satisfies Record<string, ErrorEntry>

/** A code of the table. */
export type ErrorCode = keyof typeof errorTable

/** Options of {@link BulkheadError}. */
export interface BulkheadErrorOptions {
  /** What to do about it; the table's hint when absent. */
  readonly hint?: string
  /** Facts for programs: plain JSON. */
  readonly details?: JsonObject
  readonly cause?: unknown
  /** Set by the dispatcher on errors that travel through a guest; see {@link BulkheadError.id}. */
  readonly id?: string
}

/**
 * The one error class. `message` says what happened and to what; `hint` says what to do; `code` is for programs.
 * `id` is present once the error has been handed to a guest: if the guest's call then fails with that id, the host
 * recognises its own error by the id and never by its text.
 */
export class BulkheadError extends Error {
  override readonly name = 'BulkheadError'
  readonly code: ErrorCode
  readonly hint: string
  declare readonly details: JsonObject | undefined
  declare readonly id: string | undefined

  constructor(code: ErrorCode, message: string, options: BulkheadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint ?? errorTable[code].hint
    // Left out where they say nothing: whoever prints an error sees its own properties.
    if (options.details !== undefined) this.details = options.details
    if (options.id !== undefined) this.id = options.id
  }

  /** The shape that `--json` prints and that crosses wires: no stack, no cause. */
  toJSON(): WireError {
    return {
      code: this.code,
      message: this.message,
      hint: this.hint,
      ...(this.details === undefined ? {} : { details: this.details }),
      ...(this.id === undefined ? {} : { id: this.id }),
    }
  }
}

/** An error as plain data. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly details?: JsonObject
  readonly id?: string
}

/** Whether the text is a code of the table. */
export const isErrorCode = (text: unknown): text is ErrorCode =>
  typeof text === 'string' && Object.hasOwn(errorTable, text)

/** Makes an error out of whatever was thrown; what is not ours becomes `fallback` with the original as cause. */
export const asBulkheadError = (thrown: unknown, fallback: ErrorCode = 'host.internal'): BulkheadError => {
  if (thrown instanceof BulkheadError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new BulkheadError(fallback, message === '' ? errorTable[fallback].summary : message, { cause: thrown })
}

/** Makes an error out of plain data that came over a wire from our own code. Unknown codes become `host.internal`. */
export const errorFromWire = (wire: WireError): BulkheadError =>
  new BulkheadError(isErrorCode(wire.code) ? wire.code : 'host.internal', wire.message, {
    ...(wire.hint === undefined ? {} : { hint: wire.hint }),
    ...(wire.details === undefined ? {} : { details: wire.details }),
    ...(wire.id === undefined ? {} : { id: wire.id }),
  })
