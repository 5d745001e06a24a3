// `bulkhead new`: writes a small plugin that validates and runs, to begin from. Never writes over anything.

import { Option } from 'commander'
import type { NewOptions } from '../acts/new.ts'
import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'
import { templateLanguages, templateNames } from '../templates/template.ts'

const load = () => import('../acts/new.ts')

/** Adds `new`. */
export const addNew: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'new', {
    summary: 'write a small plugin to begin from',
    more: 'It validates and runs as it stands. Nothing is ever written over.',
    examples: [
      ['bulkhead new dice --language lua --single-file', 'dice.lua, with its manifest on top'],
      ['bulkhead new tally --language typescript --template state', 'a folder tally, which counts and remembers'],
    ],
  })
  command
    .argument('<name>', 'name of the plugin, and of its folder or file')
    .addOption(
      new Option('-l, --language <language>', 'what it is written in; asked for at a terminal').choices(
        templateLanguages,
      ),
    )
    .addOption(
      new Option('--template <kind>', 'what it shows: an action, a value that is kept, a machine, tasks')
        .choices(templateNames)
        .default('tool'),
    )
    .option('--single-file', 'one script with its manifest on top, instead of a folder')
    .action((name: string, options: NewOptions) =>
      act(wantsJson(command), async (session) => (await load()).create(session, name, options)),
    )
}
