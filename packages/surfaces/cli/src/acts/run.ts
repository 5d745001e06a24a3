// What `bulkhead run` does: one call of one action. Everything that is asked for here only narrows or grants for this one call.

import type { Limits } from '@bulkhead/host'
import { BulkheadError, type wasmFeatures } from '@bulkhead/host/terms'
import { parseInput, readInput } from '../input.ts'
import { withPlugin } from '../open-plugin.ts'
import { outputReport } from '../output/plugin-output.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'

/** A part of WebAssembly that may be turned on. */
export type Feature = (typeof wasmFeatures)[number]

/** Options of the command line. */
export interface RunOptions {
  readonly input?: string
  readonly inputFile?: string
  readonly raw?: boolean
  readonly grant?: readonly string[]
  readonly timeout?: Partial<Limits>
  readonly memory?: Partial<Limits>
  readonly fuel?: Partial<Limits>
  readonly limit?: Partial<Limits>
  readonly feature?: readonly Feature[]
  readonly boundary?: 'inline' | 'thread' | 'jail'
  readonly user?: string
  readonly workspace?: string
  readonly notes?: string
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error'
}

/** Whoever gave no input needs to hear of the option, not of the fields. */
const askingForInput = (thrown: unknown): unknown =>
  thrown instanceof BulkheadError && thrown.code === 'input.invalid' && thrown.id === undefined
    ? new BulkheadError(thrown.code, thrown.message, {
        hint: "The action takes input: give it with --input '{…}', --input-file or -.",
        ...(thrown.details === undefined ? {} : { details: thrown.details }),
        cause: thrown,
      })
    : thrown

/** Whoever named no folder of notes may have meant another than the working folder. */
const namingVault = (thrown: unknown): unknown =>
  thrown instanceof BulkheadError && thrown.code === 'notes.not-found'
    ? new BulkheadError(thrown.code, thrown.message, {
        hint: `${thrown.hint} The notes are those of the working folder; --notes <folder> names others.`,
        ...(thrown.details === undefined ? {} : { details: thrown.details }),
        ...(thrown.id === undefined ? {} : { id: thrown.id }),
        cause: thrown,
      })
    : thrown

/** Opens the plugin with what this one call may do, and calls the action. */
export const runPlugin = async (
  session: Session,
  name: string,
  target: { readonly action?: string; readonly stdin: boolean },
  options: RunOptions,
): Promise<Report> => {
  const source = { text: options.input, file: options.inputFile, stdin: target.stdin }
  const bytes = await readInput(session.io, source, session.signal)
  const value = options.raw === true ? undefined : parseInput(bytes, source)
  // Loading, which may run the plugin's own start, is under the time limit as well.
  const limits = { ...options.limit, ...options.timeout, ...options.memory, ...options.fuel }
  const opening = {
    grants: options.grant ?? [],
    limits,
    features: options.feature ?? [],
    boundary: options.boundary,
    logLevel: options.logLevel,
    notes: options.notes,
  }
  return withPlugin(session, name, opening, async (host, plugin) => {
    const action = target.action ?? (await plugin.onlyAction())
    const callOptions = {
      signal: session.signal,
      ...(options.timeout?.wallMs === undefined ? {} : { timeoutMs: options.timeout.wallMs }),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
    }
    const outcome =
      options.raw === true
        ? await host.invokeRaw(plugin.id, action, bytes ?? new Uint8Array(), callOptions)
        : await host.invoke(plugin.id, action, value, callOptions).catch((thrown: unknown) => {
            const asking = bytes === undefined ? askingForInput(thrown) : thrown
            throw options.notes === undefined ? namingVault(asking) : asking
          })
    return outputReport(outcome, { raw: options.raw === true, isTTY: session.io.stdout.isTTY })
  })
}
