// A plugin of the SDK as a program: its sources become one module on the host's side, as in the script tier, and Node runs that
// behind a bootstrap of ours, which offers what the interpreter of that tier offers.

import { extname } from 'node:path'
import { areasOf, type Bundler } from '@bulkhead/bundle'
import { makePositions, parseActionList } from '@bulkhead/bundle/answers'
import {
  asBulkheadError,
  BulkheadError,
  type Limits,
  type LogLevel,
  type PluginArtifact,
  type RuntimeCall,
  type RuntimeLoadOptions,
  type RuntimeResult,
} from '@bulkhead/kernel'
import { defaultJsonRpcBounds } from '@bulkhead/protocols'
import { bootstrapSource } from '../generated/bootstrap.ts'
import type { Program } from '../program.ts'
import type { Speaker } from '../speaker.ts'
import { nodeProgram } from './node-program.ts'
import { readOutcome } from './outcomes.ts'

/** Endings of sources that the SDK is for. */
const endings = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'])
const { maxLineBytes } = defaultJsonRpcBounds
const bootstrapName = 'bootstrap.mjs'
/** Beside the bootstrap, which reads it. */
const moduleName = 'plugin.mjs'
/** The call that asks what actions there are, by its id: that no name of an action is taken. */
const describeCall = 'bulkhead:describe'
/** What Node itself takes, beside what the limit of the manifest is for: the plugin's own data and code. */
export const nodeOwnBytes = 64 * 1024 * 1024

/** See the file's head. */
export interface SdkPlugin {
  /** What is pinned and run: the bootstrap and the module. */
  readonly artifact: PluginArtifact
  /** As the sandbox enforces them. */
  readonly limits: Limits
  program(entry: string): Program
  /** What the host says to a process is said to its bootstrap. */
  adapt(speaker: Speaker): Speaker
  /** A call whose output may be wanted as bytes, over one that gives values. */
  call(request: RuntimeCall, run: (request: RuntimeCall) => Promise<RuntimeResult>): Promise<RuntimeResult>
}

/** Whether a process plugin is written with the SDK: it names no protocol, and its entry is JavaScript or TypeScript. */
export const isSdkPlugin = ({ manifest: { execution }, entry }: PluginArtifact): boolean =>
  execution.protocol === undefined && endings.has(extname(entry).toLowerCase())

/** @throws BulkheadError `artifact.*` */
export const makeSdkPlugin = async (
  artifact: PluginArtifact,
  { domain, limits, signal, log }: Pick<RuntimeLoadOptions, 'domain' | 'limits' | 'signal' | 'log'>,
  bundler: Bundler,
): Promise<SdkPlugin> => {
  const { manifest, entry } = artifact
  const options = { domain, maxFileBytes: limits.fileSizeBytes, asItStands: false }
  const { code, map } = await bundler.bundle(artifact, options).catch((thrown: unknown) => {
    throw withHint(asBulkheadError(thrown))
  })
  const module = new TextEncoder().encode(code)
  const bootstrap = new TextEncoder().encode(bootstrapSource)
  const positions = makePositions({ entry, code: module, ...(map === undefined ? {} : { map }) })
  const areas = areasOf(manifest)
  const about = { name: manifest.name, positions, outputBytes: Math.min(limits.outputBytes, maxLineBytes) }
  return {
    artifact: {
      manifest,
      digest: artifact.digest,
      entry: bootstrapName,
      entryBytes: bootstrap,
      files: new Map([
        [bootstrapName, bootstrap],
        [moduleName, module],
      ]),
      modules: [],
    },
    limits: { ...limits, memoryBytes: limits.memoryBytes + nodeOwnBytes },
    program: (at) => nodeProgram(at, { memoryBytes: limits.memoryBytes, areas }),
    adapt: (speaker) => ({
      ...speaker,
      listActions: async (patienceMs) => {
        // The module is evaluated before it is asked.
        const timeoutMs = Math.min(patienceMs, limits.wallMs)
        const described = await speaker
          .call({
            callId: describeCall,
            action: '',
            input: null,
            timeoutMs,
            ...(signal === undefined ? {} : { signal }),
            dispatch: refuseHostCall,
            log: (level: LogLevel, message: string) => log(level, message),
          })
          .catch((thrown: unknown) => {
            const cause = asBulkheadError(thrown)
            if (cause.code !== 'limit.time') throw cause
            throw new BulkheadError('limit.time', `loading ${about.name} took more than ${timeoutMs} ms`, { cause })
          })
        const told = readOutcome(described, about)
        if (typeof told === 'string') return parseActionList(told)
        throw new BulkheadError('artifact.invalid', 'the plugin does not describe its actions')
      },
      call: async (call) => readOutcome(await speaker.call(call), { ...about, action: call.action }),
      [Symbol.dispose]: () => speaker[Symbol.dispose](),
    }),
    call: async (request, run) => {
      if (request.output === 'value') return run(request)
      const { output, ...rest } = await run({ ...request, output: 'value' })
      return { ...rest, output: output.kind === 'raw' ? output : { kind: 'raw', bytes: bytesOf(output.payload) } }
    },
  }
}

/** A program that speaks a protocol itself may have been meant: such a one imports what a plugin of the SDK may not. */
const withHint = (error: BulkheadError): BulkheadError =>
  error.details?.['import'] === undefined
    ? error
    : new BulkheadError(error.code, error.message, {
        hint: `${error.hint ?? ''} A program that speaks for itself names execution.protocol.`.trim(),
        details: error.details,
        cause: error,
      })

/** While its actions are listed, no call of anybody's is under way. */
const refuseHostCall = async () => ({
  ok: false as const,
  error: new BulkheadError('usage.invalid', 'a host call was made outside of a call').toJSON(),
})

/** The one byte string that a value is, else its text. */
const bytesOf = ({ json, blobs = [] }: { json: string; blobs?: readonly Uint8Array[] }): Uint8Array => {
  const [only] = blobs
  if (only !== undefined && json === '{"$blob":0}') return only
  return new TextEncoder().encode(json.startsWith('"') ? (JSON.parse(json) as string) : json)
}
