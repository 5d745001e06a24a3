// Checks, at boot, that structures in the interpreter's memory look as interpreter-build.ts says: reading them directly
// spares most calls into it, and must never read something else without anybody noticing.

import type { BasePlaces } from './base-places.ts'
import type { Interpreter } from './interpreter.ts'
import { kinds, offsets, otherBuild } from './interpreter-build.ts'

const mask64 = (1n << 64n) - 1n

/** One step of the generator behind Math.random (xorshift64*, S. Vigna, arXiv:1402.6246). */
const nextRandomState = (state: bigint): bigint => {
  const first = state ^ (state >> 12n)
  const second = first ^ ((first << 25n) & mask64)
  return second ^ (second >> 27n)
}

/** `words`: the ArrayBuffer over the mailbox. @throws BulkheadError `host.internal` */
export const requireKnownLayout = async (
  interpreter: Interpreter,
  { places, words }: { places: BasePlaces; words: number },
): Promise<void> => {
  const { memory } = interpreter
  const run = interpreter.run.bind(interpreter)
  const { context, scratch, mailbox, runtime } = places
  for (const [name, at] of Object.entries(places.prelude)) {
    if (memory.kind(at) !== kinds.object) throw otherBuild(`the prelude has no function ${name}`)
  }
  for (const text of ['', 'a\u00e9', 'a\u20ac\u{1f600}']) {
    memory.writeText(text, scratch)
    const value = await run('newString', context, scratch)
    if (memory.text(value) !== text || memory.textLength(value) !== text.length) throw otherBuild('its texts differ')
    await run('freeValue', context, value)
  }
  memory.setWord(mailbox, 0x5eed_f00d)
  const seen = memory.buffer(words, places.bufferClass)
  if (
    memory.bufferLength(words, places.bufferClass) !== 16 ||
    new DataView(seen.buffer).getInt32(0, true) !== 0x5eed_f00d
  ) {
    throw otherBuild('its byte strings differ')
  }
  memory.setWord(mailbox, 0)

  const evaluate = async (code: string): Promise<void> => {
    memory.writeText(code, scratch)
    await run('freeValue', context, await run('evaluate', context, scratch, code.length, places.fileName, 0, 0))
  }
  const randomState = (): bigint => {
    const at = context + offsets.randomState
    return BigInt.asUintN(64, (BigInt(memory.word(at + 4)) << 32n) | BigInt(memory.word(at) >>> 0))
  }
  const before = randomState()
  await evaluate('Math.random()')
  if (randomState() !== nextRandomState(before)) throw otherBuild('its random numbers differ')

  const list = runtime + offsets.jobList
  const isEmpty = (): boolean => memory.word(list) === list && memory.word(list + 4) === list
  if (!isEmpty()) throw otherBuild('its jobs differ')
  await evaluate('Promise.resolve().then(() => 0)')
  if (isEmpty()) throw otherBuild('its jobs differ')
  await run('freeValue', context, await run('executePendingJobs', runtime, -1, places.jobContext))
}
