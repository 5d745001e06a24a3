// Entry of the ticker's thread: raises the flag of every busy thread once a millisecond, and sleeps when none is busy. It
// holds nothing but the words of the threads, and decides nothing.

import { setPriority } from 'node:os'
import { platform } from 'node:process'
import { receiveMessageOnPort, type MessagePort, workerData } from 'node:worker_threads'
import { epochWords } from './registers.ts'
import { tickerWords } from './ticker-words.ts'

/** Time between two ticks, ms. */
const tickMs = 1
/** Ticks without a busy thread after which it sleeps: waking it costs more than some ticks. */
const idleTicks = 100
/** As nice(2) counts. */
const tickerPriority = -10

/** A tick that comes late lets guests run on: the system gives this thread its turn first, where it may ask for that. */
const raisePriority = (): void => {
  // On Linux a priority is a thread's own (setpriority(2)); elsewhere it would be the whole process's.
  if (platform !== 'linux') return
  try {
    setPriority(tickerPriority)
  } catch {
    // Only a privileged process may; it ticks as well as it can.
  }
}
raisePriority()

const { control, port } = workerData as { control: Int32Array; port: MessagePort }
const threads = new Map<number, Int32Array>()

const takeNews = (): void => {
  for (let news = receiveMessageOnPort(port); news !== undefined; news = receiveMessageOnPort(port)) {
    const { id, words } = news.message as { id: number; words: Int32Array | undefined }
    if (words === undefined) threads.delete(id)
    else threads.set(id, words)
  }
}

const tick = (): boolean => {
  let busy = false
  for (const words of threads.values()) {
    if (Atomics.load(words, epochWords.busy) === 0) continue
    busy = true
    Atomics.store(words, epochWords.flag, 1)
  }
  return busy
}

let idle = 0
let seenNews = -1
while (Atomics.load(control, tickerWords.closed) === 0) {
  const news = Atomics.load(control, tickerWords.news)
  if (news !== seenNews) takeNews()
  seenNews = news
  idle = tick() ? 0 : idle + 1
  if (idle < idleTicks) {
    Atomics.wait(control, tickerWords.asleep, 0, tickMs)
    continue
  }
  idle = 0
  Atomics.store(control, tickerWords.asleep, 1)
  // A thread that became busy before it could see the word is seen here; one after that wakes us.
  if (!tick() && Atomics.load(control, tickerWords.news) === seenNews) Atomics.wait(control, tickerWords.asleep, 1)
  Atomics.store(control, tickerWords.asleep, 0)
}
