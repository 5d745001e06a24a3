// `bulkhead doctor`: what works on this machine, what does not, and what to do about it.

import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'

const load = () => import('../acts/doctor.ts')

/** Adds `doctor`. */
export const addDoctor: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'doctor', {
    summary: 'check what this machine offers',
    examples: [['bulkhead doctor', 'exit code 6 when something needed is missing']],
  })
  command.action(() => act(wantsJson(command), async (session) => (await load()).diagnose(session)))
}
