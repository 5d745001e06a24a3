// Processes of a confined program try to outlive it, or the host that started it.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeOwnerMark } from '@bulkhead/sandbox'
import { expect, test, vi } from 'vitest'
import { makeCallProgram } from '../../packages/sandbox/src/call-program.ts'
import type { Architecture } from '../../packages/sandbox/src/system-calls.ts'
import { runShell, start, linux } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

/** Processes of this host that have the word on their command line. */
const processesWith = (word: string): string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word)
    } catch {
      return false
    }
  })

/** Leaves three processes that have left their parent, their session and their signals, and tells when they are there. */
const leaving = (word: string): string => {
  const stay = `trap "" TERM HUP INT; echo up; sleep 20; : ${word}`
  return `for i in 1 2 3; do (setsid sh -c '${stay}' &) ; done`
}

let words = 0
const freshWord = (): string => `orphan-${process.pid}-${++words}`

const untilUp = (stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve) => {
    let ups = 0
    createInterface(stream).on('line', (line) => line === 'up' && ++ups === 3 && resolve())
  })

test.runIf(linux)('when the program ends, its children end', async () => {
  const word = freshWord()
  const outcome = await runShell(`${leaving(word)}; sleep 0.3; exit 5`)
  expect(outcome).toMatchObject({ reason: 'exited', code: 5 })
  expect(outcome.stdout).toBe('up\nup\nup\n')
  expect(processesWith(word)).toEqual([])
})

test.runIf(linux)('when the host ends the program, its children end', async () => {
  const word = freshWord()
  const confined = await start({ argv: ['/bin/sh', '-c', `${leaving(word)}; trap "" TERM; sleep 20; sleep 20`] })
  await untilUp(confined.stdout)
  expect(processesWith(word)).not.toEqual([])
  expect(await confined.end()).toMatchObject({ reason: 'ended' })
  expect(processesWith(word)).toEqual([])
  expect(existsSync(`/proc/${confined.pid}`)).toBe(false)
  expect(await confined.end()).toMatchObject({ reason: 'ended' })
})

test.runIf(linux)('a program that ends while the host takes aim takes neither its end nor the host along', async () => {
  const word = freshWord()
  const gone = Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' })
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw gone
  })
  try {
    const one = await start({ argv: ['/bin/sh', '-c', `${leaving(word)}; sleep 20; sleep 20`] })
    await untilUp(one.stdout)
    expect(await one.end()).toMatchObject({ reason: 'ended' })
    // By a timer, whose error nobody would catch.
    const other = await start({ argv: ['/bin/sh', '-c', `while :; do :; done; : ${word}`] })
    using _limit = other.limitCpu(0.1)
    expect(await other.exited).toMatchObject({ reason: 'cpu' })
    expect(kill).toHaveBeenCalledTimes(2)
  } finally {
    kill.mockRestore()
  }
  expect(processesWith(word)).toEqual([])
})

test.runIf(linux)('when the host is killed, nothing stays', async () => {
  const word = freshWord()
  const script = `
    const { start } = await import(${JSON.stringify(new URL('../support/confined.ts', import.meta.url).href)})
    const confined = await start({ argv: ['/bin/sh', '-c', ${JSON.stringify(`${leaving(word)}; sleep 20; sleep 20`)}] })
    confined.stdout.pipe(process.stdout)`
  const host = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await untilUp(host.stdout)
  // The host itself has the word on its command line as well.
  expect(processesWith(word).length).toBeGreaterThan(3)
  host.kill('SIGKILL')
  for (let attempts = 0; attempts < 200 && processesWith(word).length > 0; attempts++) await sleep(20)
  expect(processesWith(word)).toEqual([])
})

test.runIf(linux)('when the host is killed while a program starts, nothing stays of what was built', async () => {
  const module = JSON.stringify(new URL('../support/confined.ts', import.meta.url).href)
  for (let round = 0; round < 12; round++) {
    const word = freshWord()
    // It is killed by itself, a little later in each round: while the sandbox is built, and while its program begins.
    const script = `
      const { start } = await import(${module})
      await (await start({ argv: ['/bin/true'] })).exited
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${round * 1.5})
      await start({ argv: ['/bin/sh', '-c', ${JSON.stringify(`sleep 20; : ${word}`)}] })
      await new Promise(() => setTimeout(() => undefined, 1000))`
    const host = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
      stdio: 'ignore',
    })
    await new Promise((resolve) => host.once('exit', resolve))
    // It may begin in the instant in which the host dies, and is gone in the next: what counts is that none is left.
    let looks = 0
    for (let attempts = 0; attempts < 200 && looks < 5; attempts++) {
      looks = processesWith(word).length === 0 ? looks + 1 : 0
      await sleep(20)
    }
    expect([round, looks]).toEqual([round, 5])
  }
})

test.runIf(linux)('when bubblewrap alone is killed, the program ends', async () => {
  const confined = await start({ argv: ['/bin/sleep', '20'] })
  const bwrap = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${confined.pid}/status`, 'utf8'))?.[1])
  process.kill(bwrap, 'SIGKILL')
  expect(await confined.exited).toMatchObject({ reason: 'exited', code: null })
  // Whoever adopted it may not have fetched it yet.
  const state = existsSync(`/proc/${confined.pid}`) ? readFileSync(`/proc/${confined.pid}/stat`, 'utf8') : ') Z'
  expect(state).toMatch(/\) [ZX]/)
})

test.runIf(linux)('process 1 is neither ended, nor stopped, nor looked into from inside', async () => {
  const script = `for name in KILL STOP TERM CHLD; do kill -$name 1; done
    for name in mem environ maps fd/10 cwd; do cat /proc/1/$name >/dev/null 2>&1 && echo read $name; done
    (exec 9<>/proc/1/fd/10) 2>/dev/null && echo opened
    sleep 0.1; echo lives`
  const { stdout, code } = await runShell(script)
  expect({ stdout, code }).toEqual({ stdout: 'lives\n', code: 0 })
})

test.runIf(linux)('process 1 is not made blind before the host is killed', async () => {
  await using folder = await openTemporaryFolder()
  const word = freshWord()
  // No descriptors to wait for, and no processor while another wants it; then something for it to look at.
  const calls = join(folder.path, 'calls')
  const zeros = new Uint8Array(16)
  const architecture = process.arch as Architecture
  const blinding = makeCallProgram(
    [
      { call: 'prlimit64', arguments: [1, 7, zeros, 0] },
      { call: 'sched_setscheduler', arguments: [1, 5, zeros] },
    ],
    architecture,
  )
  await writeFile(calls, blinding, { mode: 0o755 })
  const hog = 'i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done'
  const script = `${calls} >/dev/null; (true &) ; for n in 1 2 3 4 5 6 7 8; do (${hog}; : ${word}) & done; sleep 0.3; echo up; echo up; echo up; wait`
  const source = `
    const { start } = await import(${JSON.stringify(new URL('../support/confined.ts', import.meta.url).href)})
    const confined = await start({ argv: ['/bin/sh', '-c', ${JSON.stringify(script)}], readable: [${JSON.stringify(calls)}] })
    confined.stdout.pipe(process.stdout)`
  const host = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await untilUp(host.stdout)
  host.kill('SIGKILL')
  for (let attempts = 0; attempts < 100 && processesWith(word).length > 0; attempts++) await sleep(20)
  const left = processesWith(word)
  for (const pid of left) process.kill(Number(pid), 'SIGKILL')
  expect(left).toEqual([])
})

test.runIf(linux)('no group is left over', async () => {
  for (let round = 0; round < 3; round++) await runShell('sleep 0.01 & exit 0')
  const left = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
  expect(left.filter((path) => path.includes(`bulkhead-${makeOwnerMark()}-`))).toEqual([])
})

test.runIf(linux)('asked to end, every process of the tree hears it, also those that left their session', async () => {
  const word = freshWord()
  const stay = (last: string): string =>
    `trap "echo heard; ${last}exit 0" TERM; echo up; while :; do sleep 0.1; done; : ${word}`
  // The first program is the last to end, since the others go with it.
  const script = `for i in 1 2; do (setsid sh -c '${stay('')}' &) ; done; ${stay('sleep 0.5; ')}`
  const confined = await start({ argv: ['/bin/sh', '-c', script] })
  let heard = ''
  confined.stdout.on('data', (text: Buffer) => (heard += String(text)))
  await expect.poll(() => heard.match(/up/g)?.length).toBe(3)
  confined.terminate()
  expect(await confined.exited).toMatchObject({ reason: 'exited', code: 0 })
  await expect.poll(() => heard.match(/heard/g)?.length).toBe(3)
  expect(processesWith(word)).toEqual([])
  confined.terminate()
})
