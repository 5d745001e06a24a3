// A jail whose engine was broken out of: whoever did that runs what he likes as the jail's process. These programs stand in his
// place, in Node and in machine code, started by the very port that starts jails. What they try at the host is refused; what
// they use up is theirs alone.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { makeJailPort } from '../../packages/host/src/edge/jail-node.ts'
import { makeCallProgram, type ProgramCall, readAnswers } from '../../packages/sandbox/src/call-program.ts'

const linux = process.platform === 'linux'
/** The folders that lead to a Node below /tmp stand in the jail's own /tmp, with nothing else in them. */
const nodeInTmp = realpathSync(process.execPath).startsWith('/tmp/')
const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'

/** Runs a program in a jail; it is given `given` and answers a value of JSON with `answer`. */
const inside = async (program: string, given: unknown = null) => {
  const port = makeJailPort()
  const jail = await port.start(
    [
      '--input-type=commonjs',
      '-e',
      `const given = ${JSON.stringify(given)}
    const fs = require('node:fs'), net = require('node:net'), dgram = require('node:dgram'), child = require('node:child_process')
    const answer = (value) => fs.writeFileSync(1, JSON.stringify(value))
    const attempt = (run) => { try { const got = run(); return got === undefined ? 'done' : got } catch (thrown) { return thrown.code ?? String(thrown) } }
    ${program}`,
    ],
    port.usualGuestBytes,
  )
  try {
    const [said, complained, exit] = await Promise.all([text(jail.stdout), text(jail.stderr), jail.exited])
    return { answer: said === '' ? undefined : (JSON.parse(said) as unknown), complained, exit }
  } finally {
    await jail.end()
  }
}

/** The errno, or the answer, of each call of a program in machine code. */
const callsInside = async (calls: Readonly<Record<string, ProgramCall>>): Promise<Record<string, number>> => {
  const program = Buffer.from(makeCallProgram(Object.values(calls), architecture)).toString('base64')
  const { answer } = await inside(
    `fs.writeFileSync('/tmp/calls', Buffer.from(given, 'base64'), { mode: 0o700 })
    const { stdout } = child.spawnSync('/tmp/calls', { stdio: ['ignore', 'pipe', 'ignore'] })
    answer(stdout.toString('base64'))`,
    program,
  )
  const answers = readAnswers(Buffer.from(answer as string, 'base64'))
  return Object.fromEntries(Object.keys(calls).map((name, index) => [name, answers[index] ?? Number.NaN]))
}

test.runIf(linux)('files of the host, its secrets and its processes are not there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-jail-'))
  try {
    const secret = join(folder, 'data-of-another-plugin')
    writeFileSync(secret, 'secret')
    process.env['BULKHEAD_TEST_SECRET'] = 'secret'
    const { answer } = await inside(
      `answer({
        read: given.paths.map((path) => attempt(() => fs.readFileSync(path, 'latin1').length)),
        lists: ['/home', '/root', '/tmp', '/etc', '/usr/bin'].map((path) => attempt(() => fs.readdirSync(path).length)),
        environments: attempt(() => fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).filter((pid) => String(attempt(() => fs.readFileSync('/proc/' + pid + '/environ', 'latin1'))).includes('SECRET'))),
        host: [0, 9].map((signal) => attempt(() => process.kill(given.pid, signal))),
        user: attempt(() => process.setuid(0)),
        root: attempt(() => fs.readlinkSync('/proc/1/root')),
      })`,
      {
        paths: [
          '/etc/shadow',
          '/etc/passwd',
          secret,
          `/proc/${process.pid}/environ`,
          '/proc/kcore',
          '/dev/sda',
          '/dev/mem',
        ],
        pid: process.pid,
      },
    )
    expect(answer).toMatchObject({
      read: ['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT', expect.stringMatching(/ENOENT|EACCES|EPERM/), 'ENOENT', 'ENOENT'],
      environments: [],
      host: ['ESRCH', 'ESRCH'],
    })
    const { lists } = answer as { lists: unknown[] }
    expect(lists.slice(0, 3)).toEqual(['ENOENT', 'ENOENT', nodeInTmp ? 1 : 0])
    expect(lists[4]).toBe('ENOENT')
  } finally {
    delete process.env['BULKHEAD_TEST_SECRET']
    rmSync(folder, { recursive: true, force: true })
  }
})

test.runIf(linux)('nothing can be written but a little of its own', async () => {
  const { answer } = await inside(
    `const code = require('node:path').dirname(process.execPath)
    const own = ${JSON.stringify(import.meta.dirname)}
    answer({
      code: attempt(() => fs.writeFileSync(code + '/x', '')),
      node: attempt(() => fs.writeFileSync(process.execPath, '')),
      root: attempt(() => fs.writeFileSync('/x', '')),
      libraries: attempt(() => fs.writeFileSync('/usr/lib/x', '')),
      disk: attempt(() => { for (let i = 0; i < 64; i++) fs.appendFileSync('/tmp/fill', Buffer.alloc(65536)) }),
      files: attempt(() => { for (let i = 0; i < 200; i++) fs.openSync('/tmp', 'r') }),
    })`,
  )
  expect(answer).toEqual({
    code: nodeInTmp ? 'done' : expect.stringMatching(/EROFS|ENOENT|EACCES/),
    node: expect.stringMatching(/EROFS|ETXTBSY|EACCES/),
    root: expect.stringMatching(/EROFS|EACCES/),
    libraries: 'EROFS',
    disk: expect.stringMatching(/ENOSPC|EFBIG/),
    files: 'EMFILE',
  })
})

test.runIf(linux)('there is no network, neither of the internet nor of sockets on the host', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-jail-'))
  const path = join(folder, 'socket')
  const abstract = `\0bulkhead-jail-${process.pid}`
  const servers = await Promise.all(
    [{ port: 0, host: '127.0.0.1' }, { path }, { path: abstract }].map(
      (at) =>
        new Promise<Server>((resolve) => {
          const server = createServer((socket) => socket.end('reached')).listen(at, () => resolve(server))
        }),
    ),
  )
  try {
    const { port } = (servers[0] as Server).address() as AddressInfo
    const { answer } = await inside(
      `const reach = (at) => new Promise((resolve) => {
        try { net.connect(at).on('data', () => resolve('reached')).on('error', (error) => resolve(error.code)) } catch (thrown) { resolve(thrown.code) }
      })
      const datagram = new Promise((resolve) => {
        try { dgram.createSocket('udp4').on('error', (error) => resolve(error.code)).send('x', 53, '127.0.0.1', (error) => resolve(error?.code ?? 'sent')) } catch (thrown) { resolve(thrown.code) }
      })
      Promise.all([...given.map(reach), datagram]).then((all) => { answer(all); process.exit() })`,
      [{ port, host: '127.0.0.1' }, { path }, { path: abstract }, { port: 80, host: '169.254.169.254' }],
    )
    // The filter lets no Unix socket be made; without it the path would not be there.
    expect(answer).toEqual([
      expect.any(String),
      'EAFNOSUPPORT',
      expect.any(String),
      expect.any(String),
      expect.any(String),
    ])
    for (const outcome of answer as string[]) expect(['reached', 'sent']).not.toContain(outcome)
  } finally {
    for (const server of servers) server.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

const zeros = new Uint8Array(128)
const refused: Readonly<Record<string, ProgramCall>> = {
  'ptrace of process 1': { call: 'ptrace', arguments: [16, 1, 0, 0] },
  'reading the memory of process 1': { call: 'process_vm_readv', arguments: [1, zeros, 0, zeros, 0, 0] },
  io_uring_setup: { call: 'io_uring_setup', arguments: [1, zeros] },
  'a bind mount': { call: 'mount', arguments: ['/', '/tmp', 0, 4096, 0] },
  'a new user namespace': { call: 'unshare', arguments: [0x1000_0000] },
  'a child in a new user namespace': { call: 'clone', arguments: [0x1000_0011, 0, 0, 0, 0] },
  bpf: { call: 'bpf', arguments: [0, zeros, 128] },
  userfaultfd: { call: 'userfaultfd', arguments: [1] },
  TIOCSTI: { call: 'ioctl', arguments: [0, 0x5412, 'x'] },
}

test.runIf(linux)('what reaches around the namespaces is refused to machine code', async () => {
  expect(await callsInside(refused)).toEqual(
    Object.fromEntries(Object.keys(refused).map((name) => [name, -constants.errno.EPERM])),
  )
})

test.runIf(linux)('a flood of processes ends at the limit', async () => {
  const { answer } = await inside(
    `let started = 0
    for (; started < 200; started++) {
      const one = child.spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'ignore' })
      one.on('error', () => undefined)
      if (one.pid === undefined) break
    }
    answer(started); process.exit()`,
  )
  expect(answer).toBeLessThan(32)
})

test.runIf(linux)('a jail that takes more memory than it may is ended, and is said to have been', async () => {
  const { exit } = await inside(
    `const held = []
    for (let i = 0; i < 64; i++) held.push(Buffer.alloc(64 * 1024 * 1024, 1))
    answer('it held ' + held.length)`,
  )
  expect(exit.reason).toBe('memory')
})
