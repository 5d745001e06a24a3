// A plugin starts thousands of file and network operations at once, to use up the host's descriptors.

import { readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDialer } from '@bulkhead/net'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

test('a folder below a thousand folders is not reached, and not made', async () => {
  await using folder = await openTemporaryFolder()
  await mkdir(join(folder.path, 'a/'.repeat(1000)), { recursive: true })
  const grants = ['filesystem.read:.', 'filesystem.write:.']
  const door = openDoor({ functions: makeFsFunctions(), grants, workspaceRoot: folder.path })
  for (const call of [
    door.call('fs.stat', { path: 'a/'.repeat(1000) }),
    door.call('fs.mkdir', { path: 'b/'.repeat(1000), parents: true }),
  ]) {
    await expect(call).rejects.toMatchObject({ code: 'fs.failed' })
  }
  expect(await door.call('fs.stat', { path: 'a/'.repeat(100) })).toMatchObject({ kind: 'folder' })
  expect(readdirSync(folder.path)).toEqual(['a'])
})

test.runIf(process.platform === 'linux')('a flood of reads holds few descriptors, and all are answered', async () => {
  await using folder = await openTemporaryFolder()
  await mkdir(join(folder.path, 'a/b/c/d'), { recursive: true })
  await writeFile(join(folder.path, 'a/b/c/d/file'), 'x')
  const door = openDoor({ functions: makeFsFunctions(), grants: ['filesystem.read:.'], workspaceRoot: folder.path })
  const before = readdirSync('/proc/self/fd').length
  let most = 0
  const read = async (): Promise<unknown> => {
    const reply = await door.call('fs.read_text', { path: 'a/b/c/d/file' })
    most = Math.max(most, readdirSync('/proc/self/fd').length)
    return reply
  }
  const replies = await Promise.all(Array.from({ length: 1000 }, read))
  expect(replies).toHaveLength(1000)
  expect(most - before).toBeLessThan(16 * 12)
})

test('a flood of requests to many hosts holds few sockets', async () => {
  let open = 0
  let most = 0
  await using server = await openLoopbackServer((_request, response) => {
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      response.end()
    }, 20)
  })
  await using dialer = openDialer({ lookup: () => Promise.resolve(['127.0.0.1']) })
  const grants = [`network:http://*.example.com:${server.port}`, 'network.private:127.0.0.1']
  const door = openDoor({ functions: makeHttpFunctions({ dialer, version: '0' }), grants })
  const urls = Array.from({ length: 300 }, (_, index) => `http://h${index}.example.com:${server.port}/`)
  const replies = await Promise.all(urls.map((url) => door.call('http.request', { url })))
  expect(replies).toHaveLength(300)
  expect(most).toBeLessThanOrEqual(64)
  expect(dialer.poolCount).toBeLessThanOrEqual(256)
})
