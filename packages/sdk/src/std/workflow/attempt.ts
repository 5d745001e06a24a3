// Running one function of a task: within its time, and again when it fails.

import { failure, tellFailure } from '../failure.ts'
import type { CheckedTask, RetryRules } from './definition.ts'
import type { TaskReport } from './record.ts'

// Every tier has it; it is no part of the language.
declare const setTimeout: (run: () => void, ms: number) => number
declare const clearTimeout: (id: number) => void

/** What came of all tries. */
export type AttemptOutcome =
  | { readonly ok: true; readonly result: unknown; readonly attempts: number }
  | { readonly ok: false; readonly attempts: number; readonly error: NonNullable<TaskReport['error']> }

/** Tries until it succeeds or the rules are used up. @param run is told which try it is */
export const attempt = async (
  { name, retry, timeoutMs }: Pick<CheckedTask, 'name' | 'retry' | 'timeoutMs'>,
  run: (attempt: number) => unknown,
  onRetry: (attempt: number, error: NonNullable<TaskReport['error']>) => void,
): Promise<AttemptOutcome> => {
  for (let attempts = 1; ; attempts++) {
    try {
      return { ok: true, result: await withTimeout(name, timeoutMs, () => run(attempts)), attempts }
    } catch (thrown) {
      const error = tellFailure(thrown)
      if (attempts >= retry.attempts) return { ok: false, attempts, error }
      onRetry(attempts, error)
      await sleep(delayAfter(attempts, retry, Math.random()))
    }
  }
}

/** How long to wait after a try, milliseconds. @param chance 0 to 1 */
export const delayAfter = (attempts: number, rules: Required<RetryRules>, chance: number): number => {
  const { backoffMs, factor, maxMs, jitter } = rules
  return Math.min(maxMs, backoffMs * factor ** (attempts - 1)) * (1 - jitter * chance)
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Without a time, as long as it takes. What comes after the time is passed over: a host call cannot be taken back. */
const withTimeout = (name: string, ms: number | undefined, run: () => unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const running = Promise.resolve().then(run)
    if (ms === undefined) {
      running.then(resolve, reject)
      return
    }
    const timer = setTimeout(() => {
      reject(failure('task.timeout', `task ${name} took longer than ${ms} ms`))
    }, ms)
    running.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
