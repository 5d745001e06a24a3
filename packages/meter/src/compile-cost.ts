// Refuses functions that would take the engine's compilers minutes or gigabytes, which nothing can interrupt: at each
// branch they note where every local and every operand lives. So what is counted is branches times values that are alive.

import { feature } from './fault.ts'

/** Values noted by one function, at most: about 16 bytes and some nanoseconds each in V8's first compiler. */
export const mostNotedValues = 10_000_000

/** @throws ModuleFault `artifact.feature` for a function whose compilation would take too much */
export const checkNotedValues = (noted: number, { index, locals }: { index: number; locals: number }): void => {
  if (noted <= mostNotedValues) return
  throw feature(`function ${index} has too many branches for its ${locals} locals; its compilation would take too long`)
}
