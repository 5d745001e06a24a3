// Asks the person at the terminal. Only a terminal is a person: with a pipe on either side nobody is asked, and the
// gate denies. The prompt is written by the host; it is escaped here once more because it ends on a terminal.

import type { HostOptions } from '@bulkhead/host'
import { escapeBlock } from '@bulkhead/host/terms'
import type { Progress } from './io.ts'
import type { Session } from './session.ts'

type Approve = NonNullable<HostOptions['approve']>
type ApprovalQuestion = Parameters<Approve>[0]
type ApprovalAnswer = Awaited<ReturnType<Approve>>

const answers: Readonly<Record<string, ApprovalAnswer>> = {
  o: 'once',
  once: 'once',
  s: 'session',
  session: 'session',
  a: 'always',
  always: 'always',
  d: 'deny',
  deny: 'deny',
  n: 'deny',
  no: 'deny',
}

/** The approver of this session; undefined when no person is attached. */
export const approverFor = (session: Session, progress: Progress): Approve | undefined => {
  const { io, colors } = session
  if (!io.stderr.isTTY || !io.stdin.isTTY) return undefined
  let queue: Promise<unknown> = Promise.resolve()
  const ask = async (question: ApprovalQuestion, over: AbortSignal): Promise<ApprovalAnswer> => {
    if (over.aborted) return 'deny'
    progress.pause()
    try {
      await io.stderr.write(`${colors.err.yellow('approval')} ${escapeBlock(question.prompt, 4000)}\n`)
      for (let tries = 0; tries < 3; tries++) {
        const line = await io.ask('[o]nce, [s]ession, [a]lways, [d]eny? ', over)
        if (line === undefined) return 'deny'
        const word = line.trim().toLowerCase()
        const answer = Object.hasOwn(answers, word) ? answers[word] : undefined
        if (answer !== undefined) return answer
      }
      return 'deny'
    } finally {
      progress.resume()
    }
  }
  // One question at a time: two prompts on one terminal would take each other's answers.
  return (question) => {
    // The gate counts from now on, whether or not another question is still in the way.
    const over = AbortSignal.any([question.signal, session.signal, AbortSignal.timeout(question.timeoutMs)])
    const turn = queue.then(() => ask(question, over))
    queue = turn.catch(() => undefined)
    return turn
  }
}
