// A host is killed with plugins that run, that are called and that start: none of their processes stays.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { processesWith, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

/** A program that takes every signal, and a child that has left its session. */
const staying = (word: string) => `
process.title = '${word}'
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.on(signal, () => {})
setInterval(() => {}, 1000)
spawn(process.execPath, ['-e', "process.title = '${word}'; setInterval(() => {}, 1000)"], { detached: true, stdio: 'ignore' }).unref()`

/** Those that run a program; bubblewrap may be left waiting without one when its host dies while it begins. */
const programsWith = (word: string): readonly string[] =>
  processesWith(word).filter((pid) => {
    try {
      return !readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]?.endsWith('/bwrap')
    } catch {
      return false
    }
  })

const hostScript = (home: string, plugins: string, body: string): string => `
  const { openHost } = await import('@bulkhead/host')
  const host = await openHost({ home: ${JSON.stringify(home)}, plugins: [${JSON.stringify(plugins)}] })
  ${body}
  await new Promise((resolve) => setTimeout(resolve, 20_000))`

const startHost = (script: string) =>
  spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Looks more than once: one may be about to begin. */
const expectNone = async (word: string): Promise<void> => {
  let looks = 0
  for (let attempts = 0; attempts < 300 && looks < 5; attempts++) {
    looks = programsWith(word).length === 0 ? looks + 1 : 0
    await sleep(20)
  }
  expect(programsWith(word)).toEqual([])
}

test('of plugins that run and are called', async () => {
  await using workspace = await openWorkspace()
  const word = `orphan-run-${process.pid}`
  const text = { actions: 'up: () => 1, hang: () => new Promise(() => {})', before: staying(word) }
  await writeProcessPlugin(workspace, 'idle', text)
  await writeProcessPlugin(workspace, 'busy', text)
  const body = `
    await host.call('idle', 'up')
    await host.call('busy', 'up')
    host.call('busy', 'hang').catch(() => {})
    console.log('up')`
  const host = startHost(hostScript(workspace.home, `${workspace.path}/plugins`, body))
  await new Promise((resolve) => createInterface(host.stdout).once('line', resolve))
  await expect.poll(() => programsWith(word).length).toBe(4)
  host.kill('SIGKILL')
  await expectNone(word)
})

test('of plugins that start, whenever in their start the host dies', async () => {
  await using workspace = await openWorkspace()
  const word = `orphan-start-${process.pid}`
  await writeProcessPlugin(workspace, 'one', { actions: 'up: () => 1', before: staying(word) })
  for (const afterMs of [0, 5, 10, 20, 40, 80]) {
    const body = `
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${afterMs})
      for (let user = 0; user < 4; user++) host.call('one', 'up', null, { user: String(user) }).catch(() => {})`
    const host = startHost(hostScript(workspace.home, `${workspace.path}/plugins`, body))
    await new Promise((resolve) => host.once('exit', resolve))
    await expectNone(word)
  }
})
