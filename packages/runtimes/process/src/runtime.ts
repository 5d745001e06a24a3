// The process tier as the host sees it: a program of any language, confined by the operating system, with nothing of the
// host but what its calls ask for through the one door.

import { type BundleApart, openBundler } from '@bulkhead/bundle'
import {
  BulkheadError,
  type CompartmentCare,
  Deadlines,
  type LoadedPlugin,
  type PluginArtifact,
  type Runtime,
  type RuntimeCall,
} from '@bulkhead/kernel'
import type { Egress } from '@bulkhead/net'
import { clock } from './clock-node.ts'
import { removeLeftFolders } from './left-folders-node.ts'
import { asksForNetwork } from './network.ts'
import { isSdkPlugin, makeSdkPlugin } from './node/sdk-plugin.ts'
import { pinFiles } from './pinned-files-node.ts'
import { Processes } from './processes.ts'
import { programFor } from './program.ts'
import type { SpokenProtocol } from './speaker.ts'

/** Longest that a process which is to stop may take at each stage, ms; a shorter grace of the manifest counts. */
const mostStageMs = 1000

/** What the runtime needs. */
export interface ProcessRuntimePorts {
  readonly hostVersion: string
  /** Absent: programs have no network, whatever they ask for. */
  readonly egress?: Egress
  /** Where sources are bundled; absent: in this process's own authority. */
  readonly bundleApart?: BundleApart
}

/** Makes the runtime. Disposing it ends every process; later loads are refused. */
export const makeProcessRuntime = ({ hostVersion, egress, bundleApart }: ProcessRuntimePorts): Runtime => {
  const open = new Set<AsyncDisposable>()
  const deadlines = new Deadlines(clock)
  const bundler = openBundler(bundleApart)
  let closed = false
  let leftRemoved: Promise<void> | undefined
  return {
    tier: 'process',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      if (closed) throw new BulkheadError('host.closed', 'the process runtime is closed')
      const sdk = isSdkPlugin(artifact) ? await makeSdkPlugin(artifact, options, bundler) : undefined
      const protocol = sdk === undefined ? spokenProtocol(artifact) : 'jsonrpc'
      const { manifest } = artifact
      const { functions, config, signal, log, principal, decideAccess, onProcess } = options
      const { care = makeOwnCare() } = options
      const resources = new AsyncDisposableStack()
      try {
        await (leftRemoved ??= removeLeftFolders((message) => log('warn', message)))
        const files = resources.use(await pinFiles(sdk?.artifact ?? artifact))
        const processes = resources.use(
          new Processes(
            {
              name: manifest.name,
              version: manifest.version,
              protocol,
              hostVersion,
              files,
              program: sdk?.program(files.entry) ?? programFor(files.entry),
              limits: sdk?.limits ?? options.limits,
              // As everywhere where the SDK runs: an instance in which a call failed serves no other.
              ...(sdk === undefined ? {} : { endsOnFailure: true, adapt: (speaker) => sdk.adapt(speaker) }),
              functions,
              config,
              stageMs: Math.min(mostStageMs, manifest.lifecycle.gracefulShutdownTimeoutMs),
              ...(principal === undefined ? {} : { principal: principal.id }),
              // What is written with the SDK reaches files, variables and the network by host calls, each through the gate, and needs
              // none of them in its sandbox; a variable could even be an option of Node.
              ...(decideAccess === undefined || sdk !== undefined ? {} : { decideAccess }),
              ...(egress !== undefined && sdk === undefined && asksForNetwork(manifest) ? { egress } : {}),
              ...(onProcess === undefined ? {} : { onProcess }),
              log: (level, message) => log(level, message),
            },
            { keepsState: manifest.execution.isolation === 'per-plugin', care, deadlines },
          ),
        )
        // What is written with the SDK is evaluated at its load, as in the script tier: its faults are told then.
        const isTold = sdk === undefined && Object.keys(manifest.actions).length > 0
        const actions = isTold ? manifest.actions : await processes.listActions(signal)
        const run = (request: RuntimeCall) => processes.call(request)
        open.add(resources)
        return {
          actions,
          call: async (request) => {
            if (sdk !== undefined) return sdk.call(request, run)
            if (Object.hasOwn(actions, request.action)) return run(request)
            throw new BulkheadError(
              'action.unknown',
              `${manifest.name} has no action "${request.action.slice(0, 100)}"`,
            )
          },
          check: (until) => processes.check(until),
          [Symbol.asyncDispose]: () => {
            open.delete(resources)
            return resources.disposeAsync()
          },
        }
      } catch (thrown) {
        await resources.disposeAsync()
        throw thrown
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      deadlines[Symbol.dispose]()
      await Promise.all([...open].map((resources) => resources[Symbol.asyncDispose]()))
      open.clear()
      await bundler[Symbol.asyncDispose]()
    },
  }
}

/** Of a host that says nothing of it: processes are kept, and started anew when they are gone. */
const makeOwnCare = (): CompartmentCare => {
  let last = 0
  const never = Number.POSITIVE_INFINITY
  return {
    healthEveryMs: never,
    healthTimeoutMs: never,
    idleMs: never,
    admit: async () => undefined,
    started: () => ++last,
    crashed: () => undefined,
    rested: () => undefined,
  }
}

const spokenProtocol = ({ manifest: { name, execution } }: PluginArtifact): SpokenProtocol => {
  const { protocol } = execution
  if (protocol === 'jsonrpc' || protocol === 'mcp' || protocol === 'go-plugin') return protocol
  throw new BulkheadError(
    'runtime.missing',
    `${name} speaks ${protocol ?? 'no protocol that its manifest names'}, which this build does not`,
    {
      hint: 'Name one by execution.protocol: jsonrpc (docs/reference/process-protocol.md), mcp or go-plugin (docs/reference/go-plugin.md). An entry in TypeScript or JavaScript needs none when it is written with the SDK.',
    },
  )
}
