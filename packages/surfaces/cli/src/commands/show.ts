// `bulkhead show`: one plugin, what it asks for and why, and what really holds for it here.

import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'

const load = () => import('../acts/show.ts')

/** Adds `show`, aliases `inspect` and `info`. */
export const addShow: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'show', {
    summary: 'show one plugin: what it asks for, what it may do, how it runs',
    aliases: ['inspect', 'info'],
    examples: [
      ['bulkhead show text-tools', 'an installed plugin'],
      ['bulkhead show ./hello.ts --json', 'a path, for programs'],
    ],
  })
  command
    .argument('<plugin>', 'an installed name, or a path with a slash')
    .action((name: string) => act(wantsJson(command), async (session) => (await load()).showPlugin(session, name)))
}
