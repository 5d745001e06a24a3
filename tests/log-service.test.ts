// What a plugin can do to the log: write to it, and no more than so much.

import { BulkheadError, type LogEntry } from '@bulkhead/kernel'
import { makeLogFunctions, maxLineLength, maxLinesPerCall } from '@bulkhead/service-log'
import { expect, test } from 'vitest'
import { openDoor } from './support/door.ts'

const setUp = () => {
  const lines: LogEntry[] = []
  const ports = { log: { write: (entry: LogEntry) => void lines.push(entry) }, clock: { now: () => 7 } }
  return { lines, door: openDoor({ functions: makeLogFunctions(ports) }) }
}

test('a line carries its level, its facts and whose it is, without a permission', async () => {
  const { lines, door } = setUp()
  await door.call('log.write', { level: 'warn', message: 'hot', fields: { degrees: 99, where: 'a "b"' } })
  await door.call('log.write', { message: 'plain' })
  expect(lines).toEqual([
    {
      time: 7,
      level: 'warn',
      plugin: 'plugin',
      callId: door.context.callId,
      message: 'hot degrees=99 where="a \\"b\\""',
    },
    { time: 7, level: 'info', plugin: 'plugin', callId: door.context.callId, message: 'plain' },
  ])
  expect(door.decisions).toEqual([])
})

test('a long line is cut and says so; a surrogate pair is not cut in two', async () => {
  const { lines, door } = setUp()
  await door.call('log.write', { message: `${'x'.repeat(maxLineLength - 1)}😀😀` })
  expect(lines[0]?.message).toBe(`${'x'.repeat(maxLineLength - 1)}… (4 characters cut)`)
})

test('a flood ends in one line that counts the rest', async () => {
  const { lines, door } = setUp()
  for (let line = 0; line < maxLinesPerCall + 25; line++) await door.call('log.write', { message: 'x' })
  expect(lines).toHaveLength(maxLinesPerCall)
  door.abort(new BulkheadError('call.cancelled', 'done'))
  expect(lines.at(-1)).toMatchObject({ level: 'warn', message: 'suppressed 25 further log lines of this call' })
  expect(lines).toHaveLength(maxLinesPerCall + 1)
})
