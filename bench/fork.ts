// Runs a file of the benchmark in a process of its own, so that what it measures starts clean. It answers with one
// message; its standard output goes to our standard error.

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Wall time after which a process is ended, ms. */
const patienceMs = 180_000

/** Runs it to its answer. @throws Error when it ends without one */
export const runForked = async <Answer>(url: URL, args: readonly string[]): Promise<Answer> => {
  const child = fork(fileURLToPath(url), args, {
    execArgv: [...new Set([...process.execArgv, '--expose-gc', '--disable-warning=ExperimentalWarning'])],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  try {
    return await new Promise<Answer>((resolve, reject) => {
      let answer: { value: Answer } | undefined
      child.once('message', (value) => {
        answer = { value: value as Answer }
      })
      child.once('error', reject)
      child.once('close', (code, signal) => {
        if (answer !== undefined && code === 0) resolve(answer.value)
        else reject(new Error(`${url.pathname.split('/').at(-1)} ${args.join(' ')} ended with ${signal ?? code}`))
      })
    })
  } finally {
    clearTimeout(timer)
  }
}

/** Gives the answer of a forked file; after it, nothing of the parent's keeps the process alive. */
export const answerParent = async (value: unknown): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    if (process.send === undefined) reject(new Error('this file is run by the benchmark'))
    else process.send(value, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
  process.disconnect?.()
}
