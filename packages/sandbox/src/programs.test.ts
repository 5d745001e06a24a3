// The programs in machine code, run on this machine where they are for it, outside of any sandbox.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCallProgram, readAnswers } from './call-program.ts'
import { makeGateProgram } from './gate-program.ts'
import type { Architecture } from './system-calls.ts'

const here = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64')
const architecture = process.arch as Architecture
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-programs-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes, { mode: 0o755 })
  return join(folder, name)
}

test.runIf(here)('calls are made in order, with their arguments and earlier answers', () => {
  const target = join(folder, 'made')
  const program = makeCallProgram(
    [
      { call: 'openat', arguments: [-100, target, 0o102, 0o600] },
      { call: 'fchmod', arguments: [{ answerOf: 0 }, 0o640] },
      { call: 'openat', arguments: [-100, join(folder, 'none'), 0, 0] },
      { call: 100_000 },
    ],
    architecture,
  )
  expect(readAnswers(execFileSync(write('calls', program)))).toEqual([expect.any(Number), 0, -2, -38])
})

const openGate = (...argv: string[]) => {
  const child = spawn(write(`gate-${argv.length}`, makeGateProgram(architecture)), argv, {
    stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 5 }, () => 'pipe' as const)],
    env: { GIVEN: 'value' },
  })
  return {
    child,
    gate: (child.stdio as unknown as Duplex[])[7] as Duplex,
    exit: new Promise((resolve) => child.once('exit', resolve)),
  }
}

test.runIf(here)('the gate speaks first, and becomes the program with its arguments and environment', async () => {
  const { child, gate, exit } = openGate(
    '/bin/sh',
    '-c',
    'echo "$0 $1 $GIVEN"; test -e /proc/self/fd/7 || echo shut',
    'a',
    'b',
  )
  await new Promise((resolve) => gate.once('data', resolve))
  gate.end('x')
  expect(await text(child.stdout as never)).toBe('a b value\nshut\n')
  expect(await exit).toBe(0)
})

test.runIf(here)('the gate never becomes the program without the word of the host', async () => {
  const { child, gate, exit } = openGate('/bin/echo', 'begun')
  gate.resume().end()
  expect(await text(child.stdout as never)).toBe('')
  expect(await exit).toBe(127)
})

test.runIf(here)('the gate tells why a program cannot be run', async () => {
  const { gate, exit } = openGate(join(folder, 'none'))
  const heard: Buffer[] = []
  gate.on('data', (bytes: Buffer) => heard.push(bytes))
  gate.end('x')
  expect(await exit).toBe(127)
  expect(Buffer.concat(heard).readBigInt64LE(1)).toBe(-2n)
})

test('the gate of arm64, as an assembler writes it', () => {
  const code = Buffer.from(makeGateProgram('arm64')).subarray(120)
  const words = Array.from({ length: code.length / 4 }, (_, index) => code.readUInt32LE(index * 4).toString(16))
  expect(words.slice(0, 6)).toEqual(['d28000e0', 'd2800041', 'd2800022', 'd2800328', 'd4000001', 'd28000e0'])
  const branch = words.findIndex((word) => word.startsWith('54'))
  // b.ne goes to the words that set the code 127 of exit_group.
  expect(words[branch + (Number.parseInt(words[branch] as string, 16) - 0x54000001) / 32]).toBe('d2800fe0')
})
