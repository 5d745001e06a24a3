// `bulkhead validate`: every fault of every plugin that is named, all at once: in its manifest and in its sources. Runs nothing.

import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'

const load = () => import('../acts/validate.ts')

/** Adds `validate`. */
export const addValidate: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'validate', {
    summary: 'check manifests and sources and name every fault with its line',
    more: 'Runs nothing of the plugin: its sources are parsed, and what their types and comments say of its actions is listed. Exit code 3 when there is a fault; warnings alone pass.',
    examples: [
      ['bulkhead validate ./my-plugin', 'a folder'],
      ['bulkhead validate ./dice.lua', 'a lone script'],
      ['bulkhead validate plugins/*/ --json', 'many, for programs'],
    ],
  })
  command
    .argument('<path...>', 'plugin folders, manifests or lone script files')
    .action((paths: string[]) =>
      act(wantsJson(command), async (session) => (await load()).validatePaths(session, paths)),
    )
}
