// Says why a sandbox could not be built, from what bubblewrap wrote: a host that cannot, or a confinement that cannot be.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { BulkheadError } from '@bulkhead/kernel'
import type { BwrapProcess } from './spawn-bwrap.ts'

/** Switches with which hosts forbid user namespaces: file, the value that forbids, the command that allows. */
const switches = [
  [
    '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    '1',
    'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
  ],
  ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'sudo sysctl kernel.unprivileged_userns_clone=1'],
  ['/proc/sys/user/max_user_namespaces', '0', 'sudo sysctl user.max_user_namespaces=15000'],
] as const

const forbidden = (): string | undefined =>
  switches.find(([file, value]) => {
    try {
      return readFileSync(file, 'utf8').trim() === value
    } catch {
      return false
    }
  })?.[2]

/** Reads the words of bubblewrap; what a program says never stands here, since none has begun. */
export const describeFailure = (said: string, program: string | undefined): BulkheadError => {
  const words = said === '' ? 'bubblewrap ended without a word' : said
  if (/Unknown option/.test(said)) {
    return new BulkheadError('sandbox.missing', `bubblewrap is too old here: ${words}`, {
      hint: 'Install 0.10 or newer, or what Debian 12 and Ubuntu 24.04 have as 0.8 and 0.9 with their fixes: sudo apt-get install -y bubblewrap',
    })
  }
  const command = forbidden()
  // So many at a time are possible, and others have them: that says nothing of whether this host can.
  const isForNow = command === undefined && /exceeded|temporarily unavailable|Cannot allocate memory/i.test(said)
  if (!isForNow && /namespace|uid map|gid map|pivot_root|Operation not permitted/i.test(said)) {
    return new BulkheadError('sandbox.missing', `This host does not let bubblewrap make namespaces: ${words}`, {
      hint:
        command === undefined
          ? 'Inside a container, start it with: --security-opt seccomp=unconfined --security-opt apparmor=unconfined'
          : `Allow it with: ${command}`,
    })
  }
  return new BulkheadError('sandbox.failed', `${JSON.stringify(program)} could not be started: ${words}`)
}

/** How long its words may be behind the news of its end, ms. */
const lastWordsMs = 1_000
const mostWords = 2_000

/** Waits for the last words and makes the error of them. */
export const failureOf = async (
  { stderr }: Pick<BwrapProcess, 'stderr'>,
  argv: readonly string[],
): Promise<BulkheadError> => {
  let said = ''
  const heard = new Promise<void>((resolve) => {
    stderr.setEncoding('utf8')
    stderr.on('data', (text: string) => {
      if (said.length < mostWords) said += text
    })
    stderr.once('end', resolve)
    stderr.once('close', resolve)
  })
  await Promise.race([heard, sleep(lastWordsMs, undefined, { ref: false })])
  return describeFailure(said.trim().slice(0, mostWords), argv[0])
}
