// A plugin that speaks go-plugin tries to outlive the host that is killed, and the host that closes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { descendantsOf, stillThere } from '../support/descendants.ts'
import { writeFakeGoPlugin } from '../support/fake-go-plugin.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-orphans-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('when the host is killed, nothing stays', async () => {
  const at = writeFakeGoPlugin(folder, { name: 'fake', execution: '  isolation: per-plugin\n' })
  const script = `
    const { openHost } = await import('@bulkhead/host')
    const host = await openHost({ home: ${JSON.stringify(join(folder, 'home'))}, plugins: [${JSON.stringify(at)}] })
    await host.call('fake', 'count')
    console.log('up')
    await host.call('fake', 'hang')`
  const child = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const processes = descendantsOf(child.pid ?? 0)
  // bubblewrap, its first process, and the program.
  expect(stillThere(processes).length).toBeGreaterThanOrEqual(3)
  child.kill('SIGKILL')
  await expect.poll(() => stillThere(processes), { timeout: 10_000 }).toEqual([])
})

test('one that ignores Shutdown is ended with the host', async () => {
  const at = writeFakeGoPlugin(folder, {
    name: 'fake',
    mode: 'ignores-shutdown',
    execution: '  isolation: per-plugin\n',
  })
  const before = new Set(descendantsOf(process.pid))
  const host = await openHost({ home: join(folder, 'home'), plugins: [at] })
  await host.call('fake', 'count')
  const processes = descendantsOf(process.pid).filter((identity) => !before.has(identity))
  expect(stillThere(processes).length).toBeGreaterThanOrEqual(3)
  await host[Symbol.asyncDispose]()
  expect(stillThere(processes)).toEqual([])
})
