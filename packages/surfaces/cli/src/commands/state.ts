// `bulkhead state`: what plugins have stored, for whoever runs them: to look at, and to clear.

import { Option } from 'commander'
import type { ListOptions, ClearOptions } from '../acts/state.ts'
import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'
import { usageError } from '../usage.ts'

const load = () => import('../acts/state.ts')

const ownerArgument = 'an installed name, a path with a slash, a principal as listed, @workspace or @global'
const maxPage = 1000

const parseLimit = (text: string): number => {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > maxPage) throw usageError(`--limit must be from 1 to ${maxPage}, and is "${text}"`)
  return value
}

/** Adds `state` with `list`, `get`, `delete` and `clear`. */
export const addState: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'state', {
    summary: 'show what plugins have stored, and clear it',
    more: 'Without a subcommand: who stores how much. Data belongs to a plugin’s principal and stays when the plugin is removed. What is deleted here is recorded in the audit log.',
    examples: [
      ['bulkhead state', 'who stores how much'],
      ['bulkhead state list combat-tracker --prefix fight/', 'keys and values of one plugin'],
      ['bulkhead state get combat-tracker fight/1', 'one value'],
      ['bulkhead state clear combat-tracker', 'delete all that it stored, after a question'],
    ],
  })
  command.action(() => act(wantsJson(command), async (session) => (await load()).listOwners(session)))

  const list = describeCommand(command, 'list', {
    summary: 'list keys with their values, a page at a time',
    examples: [['bulkhead state list @global --json', 'what all plugins share, for programs']],
  })
  list
    .argument('<owner>', ownerArgument)
    .option('--prefix <text>', 'only keys that begin so')
    .addOption(new Option('-n, --limit <n>', 'at most n').argParser(parseLimit).default(100))
    .option('--cursor <key>', 'go on after this key')
    .action((owner: string, options: ListOptions) =>
      act(wantsJson(list), async (session) => (await load()).listEntries(session, owner, options)),
    )

  const get = describeCommand(command, 'get', {
    summary: 'print one value as JSON',
    examples: [['bulkhead state get ./dice.rune last', 'of a plugin by its path']],
  })
  get
    .argument('<owner>', ownerArgument)
    .argument('<key>', 'the key')
    .action((owner: string, key: string) =>
      act(wantsJson(get), async (session) => (await load()).getValue(session, owner, key)),
    )

  const remove = describeCommand(command, 'delete', {
    summary: 'delete one key',
    examples: [['bulkhead state delete combat-tracker fight/1', 'the key fight/1']],
  })
  remove
    .argument('<owner>', ownerArgument)
    .argument('<key>', 'the key')
    .action((owner: string, key: string) =>
      act(wantsJson(remove), async (session) => (await load()).deleteKey(session, owner, key)),
    )

  const clearing = describeCommand(command, 'clear', {
    summary: 'delete all keys, or those with a prefix',
    examples: [['bulkhead state clear combat-tracker --prefix fight/ --yes', 'without asking']],
  })
  clearing
    .argument('<owner>', ownerArgument)
    .option('--prefix <text>', 'only keys that begin so')
    .option('-y, --yes', 'do not ask')
    .action((owner: string, options: ClearOptions) =>
      act(wantsJson(clearing), async (session) => (await load()).clear(session, owner, options)),
    )
}
