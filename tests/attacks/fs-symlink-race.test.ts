// Somebody swaps a folder for a link while a plugin reads and writes through it. Bounded: a number of rounds, one
// thread that swaps until it is told to stop.

import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

// renameSync of a link over a folder is refused, so the folder is moved away and back.
const swapper = `
const { renameSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { spot, folder, link, stop } = workerData
const until = Date.now() + 20_000
while (Atomics.load(stop, 0) === 0 && Date.now() < until) {
  renameSync(spot, folder); renameSync(link, spot); renameSync(spot, link); renameSync(folder, spot)
}
`

// Elsewhere names are plain paths and this race can be lost: docs and pinned-directory.ts say so.
test.runIf(process.platform === 'linux')('no outside content is read, and nothing is written outside', async () => {
  await using temporary = await openTemporaryFolder()
  const root = temporary.path
  const [inside, outside] = [join(root, 'data/spot'), join(root, 'outside')]
  await mkdir(inside, { recursive: true })
  await mkdir(outside)
  await writeFile(join(inside, 'file'), 'inside')
  await writeFile(join(outside, 'file'), 'outside')
  await symlink(outside, join(root, 'data/link'))
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(swapper, {
    eval: true,
    workerData: { spot: inside, folder: join(root, 'data/folder'), link: join(root, 'data/link'), stop },
  })
  const ended = new Promise((resolve) => worker.once('exit', resolve))

  const grants = ['filesystem.read:./data', 'filesystem.write:./data']
  const seen = new Map<string, number>()
  const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
  const door = openDoor({ functions: makeFsFunctions(), grants, workspaceRoot: root, limits: { hostCalls: 1e6 } })
  for (let round = 0; round < 1500; round++) {
    await door.call<{ text: string }>('fs.read_text', { path: 'data/spot/file' }).then(
      ({ text }) => count(text),
      (error: { code: string }) => count(error.code),
    )
    await door
      .call('fs.write', { path: 'data/spot/written', text: 'x', mode: round % 2 === 0 ? 'overwrite' : 'append' })
      .catch(() => {})
  }
  Atomics.store(stop, 0, 1)
  await ended

  expect(seen.get('outside')).toBeUndefined()
  // The race was real: both the folder and the link were met.
  expect(seen.get('inside')).toBeGreaterThan(0)
  expect(seen.get('capability.denied')).toBeGreaterThan(0)
  expect(await readdir(outside)).toEqual(['file'])
  expect(await readFile(join(outside, 'file'), 'utf8')).toBe('outside')
  expect(existsSync(join(outside, 'written'))).toBe(false)
})
