// `bulkhead list`: what is installed here, and what was found and could not be used.

import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'

const load = () => import('../acts/list.ts')

/** Adds `list`. */
export const addList: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'list', {
    summary: 'list what is installed',
    more: 'Plugins are found in .bulkhead/plugins of the working folder once that is trusted, then in the folder plugins of the state folder; of two with one name the first found counts.',
    examples: [
      ['bulkhead list', 'a table'],
      ['bulkhead list --json', 'for programs'],
    ],
  })
  command.action(() => act(wantsJson(command), async (session) => (await load()).listPlugins(session)))
}
