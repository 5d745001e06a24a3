// The edge: a spinner on stderr, only on a terminal, only for work that lasts, gone when the work ends.

import type { Ora } from 'ora'
import type { Progress } from './io.ts'

const afterMs = 1000
const load = () => import('ora')

/** See `CliIo.startProgress`. */
export const startProgressNode = (text: string): Progress => {
  let spinner: Ora | undefined
  let paused = false
  let ended = false
  const show = async (): Promise<void> => {
    const { default: ora } = await load()
    if (ended) return
    spinner = ora({ text, stream: process.stderr, discardStdin: false })
    if (!paused) spinner.start()
  }
  // Some pseudo-terminals say that they are 0 columns wide; ora would then count infinitely many lines to clear.
  const timer = process.stderr.isTTY && process.stderr.columns > 0 ? setTimeout(() => void show(), afterMs) : undefined
  timer?.unref()
  return {
    write(line) {
      spinner?.clear()
      process.stderr.write(line)
    },
    pause() {
      paused = true
      spinner?.stop()
    },
    resume() {
      paused = false
      spinner?.start()
    },
    [Symbol.dispose]() {
      ended = true
      clearTimeout(timer)
      spinner?.stop()
    },
  }
}
