// A jail that was taken over altogether and sends whatever it likes over its wire: what waits for it fails with a typed error,
// it is ended, and the host goes on. The program here is the hostile one; its confinement plays no part.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openCells, openCompartments } from '@bulkhead/cell'
import type { JailPort } from '@bulkhead/cell'
import { defaultLimits } from '@bulkhead/kernel'
import { expect, test } from 'vitest'

/** Jails that run this text instead of the cell program; `ended` counts those that the host ended. */
const taken = (program: string) => {
  let ended = 0
  const jails: JailPort = {
    start: async () => {
      const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'pipe'], env: {} })
      child.stdin.on('error', () => undefined)
      const gone = once(child, 'exit').then(([code]) => ({
        reason: 'exited',
        code: code as number | null,
        signal: null,
      }))
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exited: gone,
        hold: () => undefined,
        end: () => {
          ended++
          child.kill('SIGKILL')
          return gone
        },
      }
    },
  }
  return {
    jails,
    get ended() {
      return ended
    },
  }
}

const open = (jails: JailPort, loadTimeoutMs = 20_000) => {
  const cells = openCells({ jails, spareJails: 0 })
  const load = () =>
    cells.open({
      boundary: 'jail',
      domain: 'somebody',
      driverUrl: new URL('file:///nowhere.js'),
      loadTimeoutMs,
      log: () => undefined,
      artifact: {
        name: 'victim',
        digest: '',
        entry: 'plugin.wasm',
        bytes: new Uint8Array(8),
        modules: [],
        config: {},
        functions: [],
        limits: defaultLimits,
        isolation: 'per-call',
      },
    })
  return { load, [Symbol.asyncDispose]: () => cells[Symbol.asyncDispose]() }
}

const frame = `const frame = (...bytes) => { const b = Buffer.alloc(4 + bytes.length); b.writeUInt32LE(bytes.length); b.set(bytes, 4); return b }
const id = (n) => { const b = Buffer.alloc(8); b.writeDoubleLE(n); return [...b] }
const write = (bytes) => require('fs').writeSync(1, bytes)
const forever = (run) => process.stdin.once('data', () => { for (;;) run() })
`

test.each([
  ['bytes that mean nothing', `setInterval(() => {}, 1000); process.stdout.write('\\xff'.repeat(100))`],
  ['a frame of four gigabytes', `setInterval(() => {}, 1000); process.stdout.write(Buffer.alloc(8, 0xff))`],
  ['a type that there is not', `setInterval(() => {}, 1000); write(frame(99, ...id(1)))`],
  ['signs of life that nobody asked for', `setInterval(() => {}, 1000); write(Buffer.alloc(8))`],
  [
    'an answer that was given twice',
    `setInterval(() => {}, 1000); write(frame(1, ...id(1), 2, 0, 0, 0, 0x7b, 0x7d, 1, ...id(0), 1, 0)); write(frame(1, ...id(1)))`,
  ],
  ['cancellations without end', 'forever(() => write(frame(3, ...id(7))))'],
  [
    'calls without end that belong to no call',
    `forever(() => write(frame(0, ...id(Math.random() * 2 ** 40 | 0), 2, 0, 0, 0, 0x7b, 0x7d, 0, 1, 0, 0, 0, 0)))`,
  ],
  [
    'log lines without end that belong to no call',
    `forever(() => write(frame(7, ...id(9), 4, 0, 0, 0, ...Buffer.from('info'), 1, 0, 0, 0, 65)))`,
  ],
  ['credit without end', 'forever(() => write(frame(6, ...id(3), ...id(1))))'],
  [
    'an end of its output, and it lives on',
    `setInterval(() => {}, 1000); process.stdin.once('data', () => require('fs').closeSync(1))`,
  ],
])('%s', async (_, program) => {
  const hostile = taken(frame + program)
  await using victim = open(hostile.jails)
  await expect(victim.load()).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect.poll(() => hostile.ended).toBeGreaterThan(0)
  expect(openCompartments()).toBe(0)
})

test('silence ends with the time for loading', async () => {
  const hostile = taken('setInterval(() => {}, 1000)')
  await using victim = open(hostile.jails, 200)
  await expect(victim.load()).rejects.toMatchObject({ code: 'limit.time' })
  await expect.poll(() => hostile.ended).toBeGreaterThan(0)
})

test('a complaint that would write to a terminal is told in one line of text', async () => {
  const hostile = taken(`process.stderr.write('\\x1b[2J' + 'a\\nb'.repeat(10000), () => process.exit(3))`)
  await using victim = open(hostile.jails)
  const error = await victim.load().catch((thrown: unknown) => thrown as { details: { said: string } })
  const { said } = (error as { details: { said: string } }).details
  expect(said).not.toMatch(/[\x00-\x1f]/)
  expect(said.length).toBeLessThan(2000)
})
