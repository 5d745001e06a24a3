// A person approves the writing of one harmless content for the whole session; the plugin then writes another. Byte
// strings travel beside the JSON text, so a hash of the text alone is the same for every content.

import { createHash } from 'node:crypto'
import {
  Deadlines,
  type ApprovalQuestion,
  bytes,
  defineHostFunction,
  makeDispatcher,
  makeFunctionTable,
  makeGate,
  packPayload,
} from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from '../support/door.ts'

test('an approval holds for the very bytes that were asked about', async () => {
  const written: string[] = []
  const save = defineHostFunction({
    name: 'files.save',
    input: z.strictObject({ data: bytes() }),
    output: z.null(),
    needs: () => [{ name: 'files.save' }],
    risk: 'dangerous',
    run: ({ input }) => {
      written.push(new TextDecoder().decode(input.data))
      return null
    },
  })
  const { context } = openDoor({ functions: [] })
  const clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: () => ({ [Symbol.dispose]: () => {} }),
  }
  const asked: ApprovalQuestion[] = []
  const gate = makeGate({
    audit: { append: () => Promise.resolve('1') },
    grants: { grantsFor: () => ['files.save'] },
    policy: { highRisk: { from: 'dangerous' } },
    clock,
    approve: (question) => {
      asked.push(question)
      return Promise.resolve(asked.length === 1 ? 'session' : 'deny')
    },
  })
  gate.register(context.principal, { asks: ['files.save'], denies: [] })
  const session = makeDispatcher({
    functions: makeFunctionTable([save]),
    gate,
    clock,
    crypto: { newId: () => '', sha256: (data) => createHash('sha256').update(data).digest('hex') },
    deadlines: new Deadlines(clock),
    makeSignal: () => new AbortController(),
  })(context)
  const send = async (text: string): Promise<boolean> =>
    (await session.dispatch('files.save', packPayload({ data: new TextEncoder().encode(text) }))).ok

  expect(await send('echo hello')).toBe(true)
  expect(await send('echo hello')).toBe(true)
  expect(await send('rm -rf all')).toBe(false)
  expect(written).toEqual(['echo hello', 'echo hello'])
  expect(new Set(asked.map(({ inputHash }) => inputHash)).size).toBe(2)
})
