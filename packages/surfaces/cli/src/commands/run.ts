// `bulkhead run`: one call of one action. Everything that is asked for here only narrows or grants for this one call.

import { type Command, Option } from 'commander'
import { wasmFeatures } from '@bulkhead/host/terms'
import type { Feature, RunOptions } from '../acts/run.ts'
import { describeCommand, wantsJson } from '../describe.ts'
import { collectGrant } from '../grant.ts'
import { collectLimit, shorthandLimit } from '../limit.ts'
import type { AddCommand } from '../session.ts'
import { usageError } from '../usage.ts'

const load = () => import('../acts/run.ts')

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
      act(wantsJson(command), async (session) => {
        const target = readArguments(action, dash)
        return (await load()).runPlugin(session, name, target, options)
      }),
  )
}
