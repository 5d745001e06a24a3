// `bulkhead run`: one call of one action. Everything that is asked for here only narrows or grants for this one call.

import { type Command, Option } from 'commander'
import type { Limits } from '@bulkhead/host'
import { BulkheadError, wasmFeatures } from '@bulkhead/host/terms'
import { describeCommand, wantsJson } from '../describe.ts'
import { collectGrant } from '../grant.ts'
import { parseInput, readInput } from '../input.ts'
import { collectLimit, shorthandLimit } from '../limit.ts'
import { withPlugin } from '../open-plugin.ts'
import { outputReport } from '../output/plugin-output.ts'
import type { Report } from '../report.ts'
import type { AddCommand, Session } from '../session.ts'
import { usageError } from '../usage.ts'

interface RunOptions {
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

type Feature = (typeof wasmFeatures)[number]

const collectFeature = (name: string, before: readonly Feature[] = []): readonly Feature[] => {
  const feature = wasmFeatures.find((known) => known === name)
  if (feature !== undefined) return [...before, feature]
  throw usageError(`--feature: "${name.slice(0, 40)}" is not one`, `Choose from ${wasmFeatures.join(', ')}.`)
}

const addOptions = (command: Command): Command =>
  command
    .argument('<plugin>', 'an installed name, or a path with a slash')
    .argument('[action]', 'may be left out when the plugin has only one')
    .argument('[-]', 'a dash reads the input from stdin')
    .optionsGroup('Input and output:')
    .option('-i, --input <json>', 'the input; - for stdin')
    .option('-f, --input-file <file>', 'read the input from a file; - for stdin')
    .option('--raw', 'bytes in, bytes out: no JSON, no schema')
    .optionsGroup('What it may do:')
    .option('-g, --grant <capability>', 'allow this for the one call; may be repeated', collectGrant)
    .option('--user <id>', 'act for this user of the policy')
    .option('--workspace <id>', 'act in this workspace of the policy')
    .option('--notes <folder>', 'the folder of notes that notes.* works in; the working folder when absent')
    .optionsGroup('Limits:')
    .option('-t, --timeout <time>', 'wall-clock limit, for example 5s', shorthandLimit('--timeout', 'wall'))
    .option('--memory <size>', 'memory limit, for example 64MiB', shorthandLimit('--memory', 'memory'))
    .option('--fuel <n>', 'limit of instructions, in units of fuel', shorthandLimit('--fuel', 'fuel'))
    .option('--limit <name=value>', 'any limit, spelled as in manifests; may be repeated', collectLimit)
    .addOption(
      new Option('--feature <name>', 'let modules use this part of WebAssembly; may be repeated')
        .choices(wasmFeatures)
        .argParser(collectFeature),
    )
    .addOption(new Option('--boundary <where>', 'run it at least this far away').choices(['inline', 'thread', 'jail']))
    .addOption(
      new Option('--log-level <level>', 'least level of the plugin’s log that stderr gets')
        .choices(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info'),
    )

/** A dash may stand where the action or the word after it would. */
const readArguments = (action: string | undefined, dash: string | undefined): { action?: string; stdin: boolean } => {
  if (dash !== undefined && dash !== '-') {
    throw usageError(`"${dash}" is one argument too many`, 'Give the input with --input, --input-file or -.')
  }
  if (action === '-') return { stdin: true }
  return { ...(action === undefined ? {} : { action }), stdin: dash === '-' }
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

const runPlugin = async (
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

/** Adds `run`, alias `call`. */
export const addRun: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'run', {
    summary: 'call one action of a plugin',
    more: 'The result goes to stdout, the plugin’s log to stderr. A grant is for this one call: without one a plugin computes and logs.',
    aliases: ['call'],
    examples: [
      ['bulkhead run text-tools slugify --input \'{"text":"Hello"}\'', 'an installed plugin'],
      ['bulkhead run ./hello.ts greet --input \'"Ada"\' --json', 'a lone file, with metrics'],
      [
        'bulkhead run ./weather forecast -i \'{"city":"Oslo"}\' -g "network:GET https://api.example.com/*"',
        'a folder, with a grant for this call',
      ],
      ['bulkhead run ./count_vowels.wasm count_vowels --raw - < book.txt', 'bytes through a wasm module'],
    ],
  })
  addOptions(command).action(
    (name: string, action: string | undefined, dash: string | undefined, options: RunOptions) =>
      act(wantsJson(command), async (session) => runPlugin(session, name, readArguments(action, dash), options)),
  )
}
