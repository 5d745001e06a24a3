// The words that a process shares with its ticker, as indexes of 32-bit words.

/** See the file's head. */
export const tickerWords = {
  /** 1 while the ticker sleeps; whoever becomes busy sets 0 and wakes it. */
  asleep: 0,
  /** Counts news on the ticker's port. */
  news: 1,
  /** 1 when the ticker is to end. */
  closed: 2,
  count: 4,
} as const

/** Wakes the ticker if it sleeps. Cheap when it does not. */
export const wakeTicker = (control: Int32Array): void => {
  if (Atomics.load(control, tickerWords.asleep) === 0) return
  Atomics.store(control, tickerWords.asleep, 0)
  Atomics.notify(control, tickerWords.asleep)
}
