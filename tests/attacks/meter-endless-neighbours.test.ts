// A guest that goes round for ever on a thread that others share, by whatever construct: other plugins' calls on that thread
// are answered meanwhile, and it ends by the limit that it meets, of CPU time or of time, also with everything caught.

import { afterAll, expect, test } from 'vitest'
import { endlessConstructs, endlessModule } from '../../packages/meter/fuzz/endless.ts'
import { callWithin, endingOf, idle, openThread, runBeside } from '../meter/one-thread.ts'

/** Those that go deeper each time end at the limit of the stack first. */
const deep = ['recursion', 'recursion in a handler']

const thread = openThread()
afterAll(() => thread[Symbol.asyncDispose]())
const neighbour = await thread.load('neighbour', idle)

test.each(endlessConstructs)('$name', async (construct) => {
  await using hostile = await thread.load('hostile', endlessModule(construct))
  const isDeep = deep.includes(construct.name)
  if (!isDeep) expect(await runBeside(hostile, 'run', neighbour)).toBe('call.cancelled')
  for (const action of ['run', 'again']) {
    const cpu = await endingOf(callWithin(hostile, action, { limits: isDeep ? {} : { cpuMs: 30 } }))
    expect(cpu).toBe(isDeep ? 'limit.stack' : 'limit.cpu')
  }
  if (!isDeep) expect(await endingOf(callWithin(hostile, 'again', { wallMs: 40 }))).toBe('limit.time')
  await expect(callWithin(neighbour, 'fine', {})).resolves.toBe('')
})
