// A pipe, a device or a socket lies where a file is expected: opening it would block the host or set something off.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

test.runIf(process.platform === 'linux')('a pipe and a socket are refused at once and never opened', async () => {
  await using folder = await openTemporaryFolder()
  const data = join(folder.path, 'data')
  await mkdir(data)
  execFileSync('mkfifo', [join(data, 'pipe')])
  let connections = 0
  const server = createServer(() => connections++).listen(join(data, 'socket'))
  await once(server, 'listening')
  const grants = ['filesystem.read:./data', 'filesystem.write:./data']
  const door = openDoor({ functions: makeFsFunctions(), grants, workspaceRoot: folder.path })
  // More than libuv has threads: if one blocked, so would everything after.
  for (let round = 0; round < 8; round++) {
    for (const path of ['data/pipe', 'data/socket']) {
      expect((await door.refused('fs.read', { path })).code).toBe('fs.not-regular')
      for (const mode of ['overwrite', 'append']) {
        expect((await door.refused('fs.write', { path, text: 'x', mode })).code).toBe('fs.not-regular')
      }
      expect((await door.refused('fs.remove', { path })).code).toBe('fs.not-regular')
      expect((await door.refused('fs.rename', { from: path, to: 'data/x' })).code).toBe('fs.not-regular')
      expect((await door.refused('fs.list', { path })).code).toBe('fs.not-found')
    }
  }
  expect(await door.call('fs.stat', { path: 'data/pipe' })).toMatchObject({ kind: 'other' })
  expect(connections).toBe(0)
  server.close()
})
