// `bulkhead trust`: lets a project's .bulkhead folder be read, bound to its path and to what is in it now.

import type { TrustOptions } from '../acts/trust.ts'
import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'

const load = () => import('../acts/trust.ts')

/** Adds `trust`. */
export const addTrust: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'trust', {
    summary: 'let a project folder’s .bulkhead be read, as it is now',
    more: 'Nothing in it is read before. Trust ends when anything in it changes; it grants no plugin anything.',
    examples: [
      ['bulkhead trust', 'the working folder: shows what is there, then asks'],
      ['bulkhead trust ~/site --yes', 'without asking, once you have read it'],
      ['bulkhead trust --list', 'every trusted folder'],
      ['bulkhead trust --remove ~/site', 'end it'],
    ],
  })
  command
    .argument('[folder]', 'the project folder', '.')
    .option('-y, --yes', 'do not ask')
    .option('--list', 'list the trusted folders')
    .option('--remove', 'end the trust in the folder')
    .action((named: string, options: TrustOptions) =>
      act(wantsJson(command), async (session) => (await load()).runTrust(session, named, options)),
    )
}
