// The programs in machine code, run on this machine where they are for it, outside of any sandbox.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCallProgram, readAnswers } from './call-program.ts'
import { makeGateProgram } from './gate-program.ts'
import { makeListenerCode } from './listener-code.ts'
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

test.runIf(here)(
  'with a listener the gate hands over a socket that listens, and keeps neither it nor the channel',
  async () => {
    const program = write('gate-listener', makeGateProgram(architecture, { port: 0, channel: 9, openFiles: 44 }))
    const child = spawn(
      program,
      [
        '/bin/sh',
        '-c',
        'for each in /proc/self/fd/*; do readlink $each; done | grep -c socket:; ulimit -Sn; ulimit -Hn',
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit', ...Array.from({ length: 6 }, () => 'pipe' as const), 'ipc'],
        env: {},
      },
    )
    const gate = (child.stdio as unknown as Duplex[])[7] as Duplex
    const [[, server]] = (await Promise.all([once(child, 'message'), once(gate, 'data')])) as [
      [unknown, Server],
      unknown,
    ]
    await once(child, 'disconnect')
    gate.end('x')
    // The pipes of this test are sockets: 1, 3 to 6, and 8.
    expect(await text(child.stdout as never)).toBe('6\n44\n44\n')
    const { address, port } = server.address() as AddressInfo
    expect(address).toBe('127.0.0.1')
    const client = connect(port, address)
    const [socket] = (await once(server, 'connection')) as [Socket]
    socket.end('answered from here')
    expect(await text(client)).toBe('answered from here')
    server.close()
  },
)

test('the listener of arm64, as an assembler writes it', () => {
  const { code, data } = makeListenerCode('arm64', { port: 3128, channel: 9, openFiles: 99 }, 0x40_0200)
  const view = Buffer.from(code)
  const words = Array.from({ length: code.length / 4 }, (_, index) => view.readUInt32LE(index * 4).toString(16))
  // mov x0, #2; mov x1, #0x80001; mov x2, #0; mov x8, #198; svc #0
  expect(words.slice(0, 9).join(' ')).toBe(
    'd2800040 f2a00000 d2800021 f2a00101 d2800002 f2a00002 d28018c8 f2a00008 d4000001',
  )
  // mov x9, #0x400268; str w0, [x9]
  expect(words.slice(9, 12)).toEqual(['d2804d09', 'f2a00809', 'b9000120'])
  expect(words.filter((word) => word === 'd4000001')).toHaveLength(7)
  expect(Buffer.from(data).subarray(0, 8).toString('hex')).toBe('02000c387f000001')
})

test('the gate of arm64, as an assembler writes it', () => {
  const code = Buffer.from(makeGateProgram('arm64')).subarray(120)
  const words = Array.from({ length: code.length / 4 }, (_, index) => code.readUInt32LE(index * 4).toString(16))
  expect(words.slice(0, 6)).toEqual(['d28000e0', 'd2800041', 'd2800022', 'd2800328', 'd4000001', 'd28000e0'])
  const branch = words.findIndex((word) => word.startsWith('54'))
  // b.ne goes to the words that set the code 127 of exit_group.
  expect(words[branch + (Number.parseInt(words[branch] as string, 16) - 0x54000001) / 32]).toBe('d2800fe0')
})
