// Processes of a confined program try to outlive it, or the host that started it.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runShell, start, linux } from '../support/confined.ts'

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

/**
 * Those of them that run the program: bubblewrap has it on its own command line. When its first process dies in the instant
 * in which it makes the second, that one waits for it on and on, without a program.
 */
const programsWith = (word: string): string[] =>
  processesWith(word).filter((pid) => {
    try {
      return !readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]?.endsWith('/bwrap')
    } catch {
      return false
    }
  })

const endProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
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

test.runIf(linux)('when the host is killed while a program starts, the program never stays', async () => {
  const module = JSON.stringify(new URL('../support/confined.ts', import.meta.url).href)
  for (let round = 0; round < 8; round++) {
    const word = freshWord()
    // It is killed by itself, a little later in each round: while the sandbox is built, and while its program begins.
    const script = `
      const { start } = await import(${module})
      await (await start({ argv: ['/bin/true'] })).exited
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${round * 3})
      await start({ argv: ['/bin/sh', '-c', ${JSON.stringify(`sleep 20; : ${word}`)}] })
      await new Promise(() => setTimeout(() => undefined, 1000))`
    const host = spawn(process.execPath, ['--conditions=@bulkhead/source', '--input-type=module', '-e', script], {
      stdio: 'ignore',
    })
    await new Promise((resolve) => host.once('exit', resolve))
    // It may begin in the instant in which the host dies, and is gone in the next: what counts is that none is left.
    let looks = 0
    for (let attempts = 0; attempts < 200 && looks < 5; attempts++) {
      looks = programsWith(word).length === 0 ? looks + 1 : 0
      await sleep(20)
    }
    expect([round, looks]).toEqual([round, 5])
  }
  await sleep(200)
  for (const waiting of processesWith(`orphan-${process.pid}-`)) endProcess(Number(waiting))
})

test.runIf(linux)('no group is left over', async () => {
  for (let round = 0; round < 3; round++) await runShell('sleep 0.01 & exit 0')
  const left = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' })
  expect(left.filter((path) => path.includes(`bulkhead-${process.pid}-`))).toEqual([])
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
