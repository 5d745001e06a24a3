// Entries of the cache of rewritten modules change while they are looked at: by other processes of ours, which must neither
// lose an entry nor see half of one, and by somebody who exchanges bytes between the check and the use.

import { spawn } from 'node:child_process'
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { keepOne, moduleBytes, openTestCache } from '../support/code-cache.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const writer = fileURLToPath(new URL('../support/code-cache-writer.ts', import.meta.url))

const startWriter = (home: string): Promise<{ wrong: number; said: string[] }> => {
  const child = spawn(process.execPath, ['--conditions=@bulkhead/source', writer, home, '400'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(JSON.parse(Buffer.concat(out).toString()) as { wrong: number; said: string[] }))
  })
}

test('processes that start at once in a fresh home share one cache, and no one sees a half or a foreign entry', async () => {
  await using home = await openTemporaryFolder()
  const ends = await Promise.all(Array.from({ length: 4 }, () => startWriter(home.path)))
  expect(ends).toEqual(Array.from({ length: 4 }, () => ({ wrong: 0, said: [] })))
  using cache = openTestCache(home.path)
  for (let seed = 0; seed < 16; seed++) {
    expect(cache.get(`k${seed}`)?.bytes).toEqual(moduleBytes(seed, 20_000 + seed))
  }
  const { folder, indexFolder } = cache.places
  expect(readdirSync(folder).sort()).toEqual(readdirSync(indexFolder).sort())
})

/** Overwrites one file in place with two contents by turns until it is ended. */
const exchanging = `
  const { workerData } = require('node:worker_threads')
  const { openSync, writeSync } = require('node:fs')
  const fd = openSync(workerData.path, 'r+')
  for (let turn = 0; ; turn++) writeSync(fd, turn % 2 ? workerData.good : workerData.evil, 0, workerData.good.length, 0)
`

test('bytes that are exchanged while they are read are returned as they were kept, or not at all', async () => {
  await using home = await openTemporaryFolder()
  const good = moduleBytes(1, 400_000)
  const evil = moduleBytes(66, 400_000)
  const { entry } = keepOne(home.path)
  {
    using cache = openTestCache(home.path)
    cache.put('a', { bytes: good, facts: '{}' })
  }
  copyFileSync(entry, `${home.path}/copy`)
  writeFileSync(entry, good)
  const worker = new Worker(exchanging, { eval: true, workerData: { path: entry, good, evil } })
  try {
    using cache = openTestCache(home.path)
    let refused = 0
    for (let turn = 0; turn < 300; turn++) {
      const found = cache.get('a')
      if (found === undefined) refused++
      else expect(Buffer.compare(found.bytes, good)).toBe(0)
    }
    // Else nothing was exchanged, and the test shows nothing.
    expect(refused).toBeGreaterThan(0)
  } finally {
    await worker.terminate()
  }
})
