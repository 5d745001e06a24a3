// Process 1, run on this machine outside of any sandbox.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCallProgram, type ProgramCall, readAnswers } from './call-program.ts'
import { childrenOf } from './host-process.ts'
import { lifelineDescriptor, makeInitProgram } from './init-program.ts'
import { resourceLimits } from './rlimits.ts'
import type { Architecture } from './system-calls.ts'

const here = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
const architecture = process.arch as Architecture
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-init-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const limits = resourceLimits(
  { memoryBytes: 2 ** 30, cpuSeconds: 9, processes: 1000, openFiles: 77, fileSizeBytes: 12345 },
  { data: true, processes: false },
)

interface Started {
  readonly child: ChildProcess
  readonly lifeline: Duplex
  readonly exit: Promise<unknown>
}
const start = (...argv: string[]): Started => {
  const path = join(folder, 'init')
  if (!existsSync(path)) writeFileSync(path, makeInitProgram(architecture, limits), { mode: 0o755 })
  const child = spawn(path, argv, {
    stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 8 }, () => 'pipe' as const)],
    env: { GIVEN: 'value' },
  })
  const lifeline = (child.stdio as unknown as Duplex[])[lifelineDescriptor] as Duplex
  lifeline.on('error', () => undefined)
  const exit = new Promise((resolve) => {
    child.once('exit', (...how) => {
      for (const end of child.stdio.slice(3)) (end as Duplex | null)?.destroy()
      resolve(how)
    })
  })
  return { child, lifeline, exit }
}

test.runIf(here)('it starts the program with its arguments and environment, and ends as it does', async () => {
  const { child, exit } = start('/bin/sh', '-c', 'echo "$0 $1 $GIVEN"; exit 5', 'a', 'b')
  expect(await text(child.stdout as never)).toBe('a b value\n')
  expect(await exit).toEqual([5, null])
  for (const [code, ...argv] of [
    [137, '/bin/sh', '-c', 'kill -9 $$'],
    [127, '/bin/none'],
  ] as const) {
    const other = start(...argv)
    other.child.stdout?.resume()
    expect(await other.exit).toEqual([code, null])
  }
})

test.runIf(here)('what it starts is under the limits, without the lifeline and with its signals', async () => {
  const { child } = start(
    '/bin/sh',
    '-c',
    'cat /proc/self/limits /proc/self/status; for n in 3 4 5 6 8 9 10 11 12; do test -e /proc/$$/fd/$n && echo open $n; done',
  )
  const said = await text(child.stdout as never)
  expect(said).toMatch(/Max open files\s+77\s+77/)
  expect(said).toMatch(/Max cpu time\s+9\s+10/)
  expect(said).toMatch(/Max file size\s+12345\s+12345/)
  expect(said).toMatch(/Max core file size\s+1\s+1/)
  expect(said).toMatch(/SigBlk:\s*0+\n/)
  // Its streams and the gate are all that it has.
  expect(said).not.toMatch(/^open/m)
})

test.runIf(here)('it keeps nothing of the program: what the program shuts is shut', async () => {
  const { child, lifeline, exit } = start('/bin/sh', '-c', 'exec 1>&- 3>&- 7>&-; exec sleep 20')
  // It ends although the program lives.
  expect(await text(child.stdout as never)).toBe('')
  const [program] = childrenOf(child.pid)
  lifeline.destroy()
  expect(await exit).toEqual([137, null])
  // Outside of a namespace of its own nothing ends the program with it.
  process.kill(Number(program), 'SIGKILL')
})

test.runIf(here)('it fetches the dead that others left, and waits for the program', async () => {
  const { child, exit } = start('/bin/sh', '-c', 'exec >/dev/null; (sleep 0.05 &) ; (true &) ; sleep 0.2; exit 3')
  child.stdout?.resume()
  expect(await exit).toEqual([3, null])
})

test.runIf(here)('it ends when it cannot watch its lifeline any more', async () => {
  const { child, exit } = start('/bin/sh', '-c', 'echo up; exec sleep 20')
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  const [program] = childrenOf(child.pid)
  // A process that may have no descriptors may wait for none either. What becomes of its child makes it wait anew.
  const path = join(folder, 'blind')
  const blinding: ProgramCall = { call: 'prlimit64', arguments: [Number(child.pid), 7, new Uint8Array(16), 0] }
  writeFileSync(path, makeCallProgram([blinding], architecture), { mode: 0o755 })
  expect(readAnswers(execFileSync(path))).toEqual([0])
  process.kill(Number(program), 'SIGSTOP')
  expect(await exit).toEqual([137, null])
  process.kill(Number(program), 'SIGKILL')
})

test('a lifeline that is not there is one that is cut', async () => {
  const path = join(folder, 'alone')
  writeFileSync(path, makeInitProgram(architecture, []), { mode: 0o755 })
  const child = spawn(path, ['/bin/sh', '-c', 'sleep 0.1'], { stdio: 'ignore' })
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(137)
})

test('that of arm64, as an assembler writes it', () => {
  const code = Buffer.from(makeInitProgram('arm64', [])).subarray(120)
  const words = Array.from({ length: code.length / 4 }, (_, index) => code.readUInt32LE(index * 4).toString(16))
  // mov x20, sp; then x0 = PR_SET_DUMPABLE in four parts.
  expect(words.slice(0, 5)).toEqual(['910003f4', 'd2800080', 'f2a00000', 'f2c00000', 'f2e00000'])
  const find = (...wanted: string[]): number =>
    words.findIndex((_, index) => wanted.every((word, offset) => words[index + offset] === word))
  // cmp w0, w19; b.eq goes to the load of the wait status, which ends in: and, ubfx, cbz, add, exit_group.
  const branch = find('6b13001f') + 1
  const ended = branch + ((Number.parseInt(words[branch] as string, 16) & 0xff_ffff) >> 5)
  expect(words.slice(ended + 4, ended + 9)).toEqual(['b9400120', '12001801', '53083c00', '34000041', '11020020'])
})
