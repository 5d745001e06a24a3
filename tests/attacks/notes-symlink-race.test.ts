// Somebody swaps a folder of the vault for a link while a plugin reads and writes in it. Bounded: a number of rounds, one thread that
// swaps until it is told to stop.

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openTestVault } from '../support/vault.ts'

// The plugin makes the folder anew when it meets none, so what stands in the way is removed.
const swapper = `
const { renameSync, rmSync, symlinkSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { spot, folder, outside, stop } = workerData
const until = Date.now() + 20_000
const attempt = (act) => { try { act(); return true } catch { return false } }
while (Atomics.load(stop, 0) === 0 && Date.now() < until) {
  attempt(() => renameSync(spot, folder))
  attempt(() => symlinkSync(outside, spot))
  while (!attempt(() => { rmSync(spot, { recursive: true, force: true }); renameSync(folder, spot) }));
}
`

// Elsewhere names are plain paths and this race can be lost: vault-folder.ts says so.
test.runIf(process.platform === 'linux')('no outside note is read, and nothing is written outside', async () => {
  await using vault = await openTestVault({ 'Spot/Note.md': 'inside' })
  const outside = join(vault.home, '..', 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'Note.md'), 'outside')
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(swapper, {
    eval: true,
    workerData: {
      spot: join(vault.path, 'Spot'),
      folder: join(vault.path, 'away'),
      outside,
      stop,
    },
  })
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  const seen = new Map<string, number>()
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const { call } = vault.door()
  for (let round = 0; round < 800; round++) {
    await call<{ content: string }>('notes.read', { path: 'Spot/Note' }).then(
      ({ content }) => count(content),
      (error: { code: string }) => count(error.code),
    )
    const path = `Spot/Written ${round % 5}`
    await call('notes.write', { path, content: `x ${round}` }).catch(() => {})
    if (round % 10 === 0) await call('notes.rename', { from: path, to: `Spot/Moved ${round}` }).catch(() => {})
    if (round % 15 === 0) await call('notes.delete', { path }).catch(() => {})
  }
  Atomics.store(stop, 0, 1)
  await ended
  expect(seen.get('outside')).toBeUndefined()
  // The race was real: both the folder and the link were met.
  expect(seen.get('inside')).toBeGreaterThan(0)
  expect(seen.get('notes.not-found')).toBeGreaterThan(0)
  expect(await readdir(outside)).toEqual(['Note.md'])
  expect(await readFile(join(outside, 'Note.md'), 'utf8')).toBe('outside')
  expect(existsSync(join(outside, 'Written 1.md'))).toBe(false)
  // Nothing of it is in the index either.
  expect((await call<{ hits: unknown[] }>('notes.search', { query: 'outside' })).hits).toEqual([])
})
