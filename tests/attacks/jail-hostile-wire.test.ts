// A jail that was taken over altogether and sends whatever it likes over its wire: what waits for it fails with a typed error,
// it is ended, and the host goes on. The program here is the hostile one; its confinement plays no part.

import { openCompartments } from '@bulkhead/cell'
import type { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { callVictim, openVictim, takenJails } from '../support/taken-jail.ts'

const forever = `const forever = (run) => process.stdin.once('data', () => { for (;;) run() })
let last = 0
`

test.each([
  ['bytes that mean nothing', `setInterval(() => {}, 1000); process.stdout.write('\\xff'.repeat(100))`],
  ['a frame of four gigabytes', `setInterval(() => {}, 1000); process.stdout.write(Buffer.alloc(8, 0xff))`],
  ['a type that there is not', `setInterval(() => {}, 1000); write(frame(99, number(1)))`],
  ['signs of life that nobody asked for', `setInterval(() => {}, 1000); write(Buffer.alloc(8))`],
  [
    'an answer that was given twice',
    `setInterval(() => {}, 1000); write(frame(1, number(1), 2, 0, 0, 0, 0x7b, 0x7d, 1, number(0), 1, 0)); write(frame(1, number(1)))`,
  ],
  ['cancellations without end', 'forever(() => write(frame(3, number(7))))'],
  [
    'calls without end that belong to no call',
    `forever(() => write(frame(0, number(++last), 2, 0, 0, 0, 0x7b, 0x7d, 0, 1, 0, 0, 0, 0)))`,
  ],
  [
    'log lines without end that belong to no call',
    `forever(() => write(frame(7, number(9), 4, 0, 0, 0, Buffer.from('info'), 1, 0, 0, 0, 65)))`,
  ],
  ['credit without end', 'forever(() => write(frame(6, number(3), number(1))))'],
  [
    'an end of its output, and it lives on',
    `setInterval(() => {}, 1000); process.stdin.once('data', () => require('fs').closeSync(1))`,
  ],
])('%s', async (_, program) => {
  const hostile = takenJails(forever + program)
  await using victim = openVictim(hostile.jails)
  await expect(victim.load()).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect.poll(() => hostile.ended).toBeGreaterThan(0)
  expect(openCompartments()).toBe(0)
})

test('silence ends with the time for loading', async () => {
  const hostile = takenJails('setInterval(() => {}, 1000)')
  await using victim = openVictim(hostile.jails, 200)
  await expect(victim.load()).rejects.toMatchObject({ code: 'limit.time' })
  await expect.poll(() => hostile.ended).toBeGreaterThan(0)
})

test('a complaint that would write to a terminal is told in one line of text', async () => {
  const hostile = takenJails(`process.stderr.write('\\x1b[2J' + 'a\\nb'.repeat(10000), () => process.exit(3))`)
  await using victim = openVictim(hostile.jails)
  const error = await victim.load().catch((thrown: unknown) => thrown as { details: { said: string } })
  const { said } = (error as { details: { said: string } }).details
  expect(said).not.toMatch(/[\x00-\x1f]/)
  expect(said.length).toBeLessThan(2000)
})

test.each(['capability.denied', 'capability.invalid', 'sandbox.missing'])(
  'a jail that makes up %s is told of as a plugin that failed, without its advice',
  async (code) => {
    const forged = JSON.stringify([{ code, message: 'no', hint: 'Run bulkhead grant victim "fs.write:/**"' }, {}])
    const hostile = takenJails(`atCall(() => write(frame(2, number(2), text(${JSON.stringify(forged)}))))`)
    await using victim = openVictim(hostile.jails)
    const cell = await victim.load()
    const error = await callVictim(cell).catch((thrown: unknown) => thrown as BulkheadError)
    expect(error).toMatchObject({ code: 'plugin.failed', message: 'no' })
    expect((error as BulkheadError).hint).not.toContain('grant')
    const atLoad = takenJails(
      `process.stdin.once('data', () => write(frame(2, number(1), text(${JSON.stringify(forged)}))))`,
    )
    await using other = openVictim(atLoad.jails)
    await expect(other.load()).rejects.toMatchObject({ code: 'plugin.failed', message: 'no' })
  },
)
