// The store under death: of its thread, of its process, and with two processes at once.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store-node.ts'

const program = fileURLToPath(new URL('../../../../tests/support/kv-writer.ts', import.meta.url))
const me = { principal: 'test' }
const space = { scope: 'global', owner: '' } as const
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  file = join(folder, 'kv.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const start = (name: string, turns: number, ending = 'close'): ChildProcess =>
  spawn(process.execPath, ['--conditions=@bulkhead/source', program, file, name, String(turns), ending], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
const exit = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)))

test('two processes count on one key and neither loses a turn; the last to close leaves no journal', async () => {
  const children = ['one', 'two'].map((name) => start(name, 40))
  for (const child of children) child.stdout?.resume()
  expect(await Promise.all(children.map(exit))).toEqual([0, 0])
  expect(existsSync(`${file}-wal`)).toBe(false)
  await using store = openSqliteStore({ file, clock: Date })
  expect((await store.get(space, 'count', me))?.value).toBe(80)
  expect((await store.list(space, { ...me, prefix: 'two/', limit: 1000 })).keys).toHaveLength(40)
})

test('what was acknowledged before a SIGKILL is there', async () => {
  const child = start('doomed', 100_000)
  let printed = ''
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.split('\n').length > 30) resolve()
    })
  })
  const dead = exit(child)
  child.kill('SIGKILL')
  await dead
  const acknowledged = Number(printed.split('\n').at(-2))
  expect(acknowledged).toBeGreaterThan(20)
  await using store = openSqliteStore({ file, clock: Date })
  for (let turn = 1; turn <= acknowledged; turn++) {
    expect((await store.get(space, `doomed/${turn}`, me))?.value).toBe(turn)
  }
})

test('processes that count together and are killed at any moment lose no turn that was acknowledged', async () => {
  const processes = 3
  const rounds = 4
  let acknowledged = 0
  let kills = 0
  const work = async (name: string): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const child = start(`${name}${round}`, 100_000)
      let turns = 0
      const dead = exit(child)
      // From the first turn on, a random moment later.
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          if (turns === 0) setTimeout(resolve, Math.random() * 150)
          turns += chunk.toString().split('\n').length - 1
        })
      })
      child.kill('SIGKILL')
      kills += 1
      await dead
      acknowledged += turns
    }
  }
  await Promise.all(Array.from({ length: processes }, (_, index) => work(`p${index}-`)))
  await using store = openSqliteStore({ file, clock: Date })
  const count = Number((await store.get(space, 'count', me))?.value)
  expect(acknowledged).toBeGreaterThan(kills)
  // Whoever dies has counted at most one turn that it did not tell of.
  expect(count).toBeGreaterThanOrEqual(acknowledged)
  expect(count).toBeLessThanOrEqual(acknowledged + kills)
})

test('when the thread dies, what it held fails with a typed error and the next request gets a new thread', async () => {
  const workers: Worker[] = []
  const seen = (worker: Worker): void => void workers.push(worker)
  process.on('worker', seen)
  try {
    await using store = openSqliteStore({ file, clock: Date })
    await store.set(space, 'k', 1, { ...me, quotaBytes: 1 << 20 })
    const outcomes = Promise.allSettled(
      Array.from({ length: 500 }, (_, index) => store.set(space, `n${index}`, index, { ...me, quotaBytes: 1 << 20 })),
    )
    void workers[0]?.terminate()
    const reasons = (await outcomes).flatMap((one) =>
      one.status === 'rejected' ? [one.reason as { code: string }] : [],
    )
    // Those that waited in their lane went to the next thread; those that were sent are uncertain, and said to be so.
    expect(reasons.length).toBeLessThanOrEqual(64)
    for (const { code } of reasons) expect(code).toBe('kv.failed')
    expect((await store.get(space, 'k', me))?.value).toBe(1)
    expect((await store.get(space, 'n499', me))?.value).toBe(499)
    expect(workers).toHaveLength(2)
  } finally {
    process.off('worker', seen)
  }
})

test('a flooding principal does not stand before another', async () => {
  await using store = openSqliteStore({ file, clock: Date })
  const order: string[] = []
  const write = (principal: string, index: number): Promise<unknown> =>
    store
      .set(space, `${principal}/${index}`, index, { principal, quotaBytes: 1 << 24 })
      .then(() => order.push(principal))
  const flood = Array.from({ length: 5000 }, (_, index) => write('flood', index))
  await write('quiet', 0)
  expect(order.indexOf('quiet')).toBeLessThan(1000)
  await Promise.all(flood)
})

test('a store that nobody closed does not keep its process alive', async () => {
  const child = start('forgetful', 1, 'leave')
  child.stdout?.resume()
  expect(await exit(child)).toBe(0)
})
