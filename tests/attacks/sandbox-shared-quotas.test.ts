// Things that the kernel counts, or gives out, for all processes of a user together: a confined program takes all it can get of
// them, and the host and its other programs must not be left without.

import { constants, openSync, closeSync, watch, writeFileSync } from 'node:fs'
import { constants as system } from 'node:os'
import { join } from 'node:path'
import type { ProgramCall } from '@bulkhead/sandbox'
import { expect, test } from 'vitest'
import { makeCallProgram } from '../../packages/sandbox/src/call-program.ts'
import type { Architecture } from '../../packages/sandbox/src/system-calls.ts'
import { linux, runCalls, runShell, start } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const { EPERM, ENOSYS } = system.errno
const x64 = process.arch === 'x64'
const architecture = process.arch as Architecture
/** pause(2), or what arm64 has for it: ppoll of nothing. */
const stay: ProgramCall = { call: x64 ? 271 : 73, arguments: [0, 0, 0, 0, 0] }

/** Makes the calls and stays; resolves when they were made. */
const startCalls = async (path: string, calls: readonly ProgramCall[], readable: readonly string[] = []) => {
  const write: ProgramCall = { call: x64 ? 1 : 64, arguments: [1, 'up', 2] }
  writeFileSync(path, makeCallProgram([...calls, write, stay], architecture), { mode: 0o755 })
  const confined = await start({ argv: [path], readable: [path, ...readable], system: 'none' })
  await new Promise((resolve) => confined.stdout.once('data', resolve))
  return confined
}

test.runIf(linux)('watches on folders', async () => {
  await using folder = await openTemporaryFolder()
  const calls = Array.from({ length: 200 }, (): ProgramCall => ({ call: 'inotify_init1', arguments: [0] }))
  await using _confined = await startCalls(join(folder.path, 'calls'), calls)
  expect(() => watch(folder.path).close()).not.toThrow()
  expect((await runCalls(calls.slice(0, 1))).answers).toEqual([-ENOSYS])
})

test.runIf(linux)('descriptors on their way: a socket is handed over all the same', async () => {
  const most = 253
  // The header of a message that holds the descriptor 0 so many times, sent over and over to nobody who reads.
  const filler = `
    use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or die;
    my $sendmsg = ${x64 ? 46 : 211};
    my $control = pack('QLL', ${16 + most * 4}, 1, 1) . pack('L', 0) x ${most};
    my $text = 'x'; my $vector = pack('PQ', $text, 1);
    my $header = pack('QQPQPQQ', 0, 0, $vector, 1, $control, ${16 + most * 4}, 0);
    my $sent = 0; $sent++ while $sent < 20 && syscall($sendmsg, fileno($a), $header, 0x40) > 0;
    $| = 1; print "$sent $!\\n"; sleep 20;`
  await using full = await start({ argv: ['/usr/bin/perl', '-e', filler] })
  const said = await new Promise((resolve) => full.stdout.once('data', (text) => resolve(String(text))))
  expect(said).toMatch(/^[12] Too many references/)
  const listener = { port: 3128, onListening: (server: { close(): unknown }) => void server.close() }
  await using other = await start({ argv: ['/bin/sh', '-c', 'ulimit -Hn'], network: 'loopback' }, { listener })
  expect(other.applied.openFiles).toEqual({ by: 'process', value: 256 })
  expect(await new Promise((resolve) => other.stdout.once('data', (text) => resolve(String(text))))).toBe('256\n')
})

test.runIf(linux)('locked memory, waiting signals, message queues and the right to go first', async () => {
  const { stdout } = await runShell('cat /proc/self/limits')
  for (const line of [
    /Max locked memory\s+65536\s+65536/,
    /Max pending signals\s+1024\s+1024/,
    /Max msgqueue size\s+65536\s+65536/,
    /Max nice priority\s+0\s+0/,
    /Max realtime priority\s+0\s+0/,
  ])
    expect(stdout).toMatch(line)
})

test.runIf(linux)('a crash is not given to the program that takes dumps on the host', async () => {
  // 1 is what the kernel takes for that; 0 stops files alone (core(5)).
  const { stdout } = await runShell('cat /proc/self/limits')
  expect(stdout).toMatch(/Max core file size\s+1\s+1/)
})

test.runIf(linux)('a file that was granted for reading is not leased: whoever writes it does not wait', async () => {
  await using folder = await openTemporaryFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  const lease: ProgramCall[] = [
    { call: 'openat', arguments: [-100, file, 0, 0] },
    { call: 'fcntl', arguments: [{ answerOf: 0 }, 1024, 0] },
  ]
  await using _confined = await startCalls(join(folder.path, 'calls'), lease, [file])
  expect(() => closeSync(openSync(file, constants.O_WRONLY | constants.O_NONBLOCK))).not.toThrow()
  expect((await runCalls(lease, { readable: [file] })).answers[1]).toBe(-EPERM)
})
