// Asking a person, end to end: what each answer is worth, what silence is, and what waiting costs the call.

import { defineHostFunction, type Host, type HostOptions } from '@bulkhead/host'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { auditRecords, openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

type Approve = NonNullable<HostOptions['approve']>
type Question = Parameters<Approve>[0]

const more = "capabilities: ['messages.send:*']"
const source = `
  export const send = async (input) => host.messages.send(input)
  export const sendBoth = () => Promise.all([host.messages.send({ to: 'a' }), host.messages.send({ to: 'b' })])
`
const refused = { code: 'capability.denied', details: { layer: 'approval' } }

afterEach(() => void vi.useRealTimers())

const openApproving = async (approve: Approve | undefined, highRisk = { capabilities: ['messages.send:*'] }) => {
  const workspace = await openWorkspace()
  const sent: string[] = []
  const send = defineHostFunction({
    name: 'messages.send',
    input: z.strictObject({ to: z.string() }),
    output: z.string(),
    needs: ({ to }) => [{ name: 'messages.send', scope: to }],
    risk: 'risky',
    run: ({ input }) => {
      sent.push(input.to)
      return `sent to ${input.to}`
    },
  })
  const path = await writeScript(workspace, 'mailer', { source, more })
  const host = await openWorkspaceHost(workspace, {
    functions: [send],
    policy: { grants: { mailer: ['messages.send:*'] }, highRisk },
    ...(approve === undefined ? {} : { approve }),
  })
  return {
    workspace,
    host,
    path,
    sent,
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]()
      await workspace[Symbol.asyncDispose]()
    },
  }
}

const send = (host: Host, to = 'amy', options = {}) => host.call('mailer', 'send', { to }, options)

test('once is for one call, session for the same call again, and neither for another', async () => {
  const questions: Question[] = []
  let answer: 'once' | 'session' = 'once'
  await using open = await openApproving(async (question) => {
    questions.push(question)
    return answer
  })
  await send(open.host)
  await send(open.host)
  expect(questions).toHaveLength(2)
  answer = 'session'
  await send(open.host)
  await send(open.host)
  expect(questions).toHaveLength(3)
  await send(open.host, 'bob')
  await send(open.host, 'amy', { user: 'eve' })
  expect(questions).toHaveLength(5)
  expect(questions[0]).toMatchObject({
    plugin: 'mailer',
    function: 'messages.send',
    capabilities: ['messages.send:amy'],
    risk: 'risky',
    prompt: expect.stringContaining('"mailer" wants to do something of risk "risky"'),
  })
  expect(questions[4]).toMatchObject({ user: 'eve' })
  expect(open.sent).toHaveLength(6)
})

test('always dies with the digest', async () => {
  let asked = 0
  await using open = await openApproving(async () => {
    asked++
    return 'always'
  })
  await send(open.host)
  await open.host.unloadPlugin('mailer')
  await send(open.host)
  expect(asked).toBe(1)
  await writeScript(open.workspace, 'mailer', { source: `${source}\n// changed`, more })
  await open.host.loadPlugin(open.path)
  await send(open.host)
  expect(asked).toBe(2)
})

test.each([
  ['a denial', async () => 'deny'],
  ['an answer that is none', async () => 'yes'],
  ['a surface that fails', async () => Promise.reject(new Error('the terminal is gone'))],
  ['nobody attached', undefined],
])('%s refuses, is recorded, and does nothing', async (_name, approve) => {
  await using open = await openApproving(approve as Approve | undefined)
  await expect(send(open.host)).rejects.toMatchObject(refused)
  expect(open.sent).toEqual([])
  const records = await auditRecords(open.workspace.home, { result: 'denied' })
  expect(records).toEqual([expect.objectContaining({ result: 'denied', function: 'messages.send' })])
})

test('a risk can be what needs approval', async () => {
  await using risky = await openApproving(async () => 'deny', { from: 'risky' } as never)
  await expect(send(risky.host)).rejects.toMatchObject(refused)
  await using dangerous = await openApproving(async () => 'deny', { from: 'dangerous' } as never)
  expect(await send(dangerous.host)).toBe('sent to amy')
})

test('the wall clock stands still while a person is asked, and runs on after', async () => {
  await using open = await openApproving(async () => {
    await new Promise((resolve) => setTimeout(resolve, 600))
    return 'once'
  })
  // The first call loads the plugin, so that the second one's time is its own.
  await send(open.host)
  expect(await send(open.host, 'amy', { timeoutMs: 400 })).toBe('sent to amy')
  expect(open.sent).toHaveLength(2)
})

test('silence is a denial after thirty seconds', async () => {
  const asked = Promise.withResolvers<Question>()
  await using open = await openApproving((question) => {
    asked.resolve(question)
    return new Promise(() => {})
  })
  await open.host.loadPlugin(open.path)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const call = send(open.host, 'amy', { timeoutMs: 10_000 })
  call.catch(() => undefined)
  expect((await asked.promise).timeoutMs).toBe(30_000)
  await vi.advanceTimersByTimeAsync(30_000)
  vi.useRealTimers()
  await expect(call).rejects.toMatchObject({ ...refused, message: expect.stringContaining('nobody answered in time') })
  expect(open.sent).toEqual([])
})

test('a cancelled call takes its question away, and a late yes does nothing', async () => {
  const asked = Promise.withResolvers<Question>()
  const answered = Promise.withResolvers<'always'>()
  await using open = await openApproving((question) => {
    asked.resolve(question)
    return answered.promise
  })
  const abort = new AbortController()
  const call = send(open.host, 'amy', { signal: abort.signal })
  call.catch(() => undefined)
  const question = await asked.promise
  abort.abort()
  await expect(call).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(question.signal.aborted).toBe(true)
  answered.resolve('always')
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(open.sent).toEqual([])
})

test('a plugin cannot bury a person in questions', async () => {
  let waiting = 0
  let most = 0
  await using open = await openApproving(async () => {
    most = Math.max(most, ++waiting)
    await new Promise((resolve) => setTimeout(resolve, 50))
    waiting--
    return 'deny'
  })
  const calls = Array.from({ length: 8 }, (_, n) => send(open.host, `person-${n}`))
  for (const outcome of await Promise.allSettled(calls)) expect(outcome.status).toBe('rejected')
  expect(most).toBeLessThanOrEqual(4)
  expect(open.sent).toEqual([])
})
