// Runs guests that might never come back: the engine stops them after some seconds, so that a test fails instead of hanging.

import { Script } from 'node:vm'

const script = new Script('globalThis.__bounded()')

/** Runs something synchronous. @throws Error of code ERR_SCRIPT_EXECUTION_TIMEOUT when it does not come back */
export const bounded = <Result>(run: () => Result, seconds = 10): Result => {
  const holder = globalThis as unknown as { __bounded?: (() => void) | undefined }
  let result: Result | undefined
  holder.__bounded = () => {
    result = run()
  }
  try {
    script.runInThisContext({ timeout: seconds * 1000 })
  } finally {
    holder.__bounded = undefined
  }
  return result as Result
}
