// The program of a thread that computes: one computation at a time, until the host ends it. It holds nothing of anybody's
// between two computations and reaches nothing but its port.

import { parentPort } from 'node:worker_threads'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel/wire'
import { computations } from './computations.ts'
import type { Answer, Task } from './wire.ts'

const port = parentPort
if (port === null) throw new Error('compute-thread runs only as a thread')

const failure = (thrown: unknown): BulkheadError =>
  // A parser that recurses on its input found its own depth.
  thrown instanceof RangeError && thrown.message.includes('call stack')
    ? new BulkheadError('input.too-deep', 'the input is nested too deeply', { cause: thrown })
    : asBulkheadError(thrown, 'function.failed')

const answer = async ({ name, input }: Task): Promise<Answer> => {
  try {
    const compute = computations[name as keyof typeof computations] as (input: unknown) => Promise<unknown>
    return { kind: 'result', result: await compute(input) }
  } catch (thrown) {
    return { kind: 'failed', error: failure(thrown).toJSON() }
  }
}

port.on('message', (task: Task) => {
  // A thread takes a while to start; that time is not the computation's.
  port.postMessage({ kind: 'begun' } satisfies Answer)
  void answer(task).then((message) => port.postMessage(message))
})
