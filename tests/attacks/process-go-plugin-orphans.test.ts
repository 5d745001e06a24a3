// A plugin that speaks go-plugin tries to outlive the host that is killed, and the host that closes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFakeGoPlugin } from '../support/fake-go-plugin.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-orphans-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const parentOf = (pid: number): number => {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Processes that come of another, at any remove; each with the time of its start, so that no other is taken for it. */
const descendantsOf = (ancestor: number): string[] => {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const comesOf = (pid: number): boolean => pid > 1 && (parentOf(pid) === ancestor || comesOf(parentOf(pid)))
  return pids.filter(comesOf).map(identityOf)
}

const identityOf = (pid: number): string => {
  try {
    // Field 22, counted from behind the name, which may hold spaces.
    return `${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]}`
  } catch {
    return ''
  }
}

const alive = (identities: readonly string[]): string[] =>
  identities.filter((identity) => identity !== '' && identityOf(Number.parseInt(identity, 10)) === identity)

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
  expect(alive(processes).length).toBeGreaterThanOrEqual(3)
  child.kill('SIGKILL')
  await expect.poll(() => alive(processes), { timeout: 10_000 }).toEqual([])
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
  expect(alive(processes).length).toBeGreaterThanOrEqual(3)
  await host[Symbol.asyncDispose]()
  expect(alive(processes)).toEqual([])
})
