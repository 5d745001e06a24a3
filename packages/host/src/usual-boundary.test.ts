import { BulkheadError, type LogEntry } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { nodeClock } from './edge/clock-node.ts'
import { makeUsualBoundary } from './usual-boundary.ts'

const open = (fault: BulkheadError | undefined) => {
  const lines: LogEntry[] = []
  let asked = 0
  const jailFault = async () => {
    asked++
    return fault
  }
  const usual = makeUsualBoundary({ jailFault }, { log: { write: (entry) => lines.push(entry) }, clock: nodeClock })
  return { usual, lines, asked: () => asked }
}

test('where jails can be had, plugins of cells run in them', async () => {
  const { usual, lines } = open(undefined)
  expect(await usual.find('script')).toBe('jail')
  expect(await usual.find('wasm')).toBe('jail')
  expect(lines).toEqual([])
})

test('where none can be had they run on threads, which is found out and logged once', async () => {
  const { usual, lines, asked } = open(
    new BulkheadError('sandbox.missing', 'bwrap is not installed', { hint: 'Install it.' }),
  )
  expect(usual.known).toBe('jail')
  expect(await Promise.all([usual.find('script'), usual.find('wasm')])).toEqual(['thread', 'thread'])
  expect(usual.known).toBe('thread')
  expect(asked()).toBe(1)
  expect(lines.map(({ message }) => message)).toEqual([
    'plugins that need no jail run on threads of this process, for there can be none: bwrap is not installed Install it.',
  ])
})

test('a jail that failed for want of something is no reason for threads, and the next plugin asks again', async () => {
  const faults = [
    new BulkheadError('sandbox.failed', 'No program could be started: this process has too many open files.'),
    undefined,
  ]
  const usual = makeUsualBoundary({ jailFault: async () => faults.shift() }, { log: undefined, clock: nodeClock })
  await expect(Promise.all([usual.find('script'), usual.find('wasm')])).rejects.toMatchObject({
    code: 'sandbox.failed',
  })
  expect(usual.known).toBe('jail')
  expect(await usual.find('script')).toBe('jail')
})

test('tiers with confinements of their own start no jail', async () => {
  const { usual, asked } = open(undefined)
  expect(await usual.find('process')).toBe('thread')
  expect(asked()).toBe(0)
})
