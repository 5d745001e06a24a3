// The program of a process plugin, under the confinement that the host really gives it, tries to get out: everything that an
// attacker who runs native code would try first.

import { execFile } from 'node:child_process'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { attackScript, refusedCalls } from '../support/attack-script.ts'
import { linux } from '../support/confined.ts'
import { obey, writeObeyingPlugin } from '../support/process-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const secret = 'BULKHEAD-TEST-SECRET-OF-THE-HOST'

/** Answers whoever comes. */
const greet = async (where: string | number): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello'))
  await new Promise<void>((resolve) =>
    typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
  )
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

test.runIf(linux)('nothing of the host is got hold of', async () => {
  await using workspace = await openWorkspace()
  const socket = `${workspace.path}/server`
  const abstract = `\0bulkhead-inside-${process.pid}`
  await using inet = await greet(0)
  await using _socket = await greet(socket)
  await using _abstract = await greet(abstract)
  await workspace.write('other/data', 'of another plugin')
  await writeObeyingPlugin(workspace, 'p')
  await writeObeyingPlugin(workspace, 'other')
  process.env['BULKHEAD_TEST_SECRET'] = secret
  try {
    await using host = await openHost({
      home: workspace.home,
      plugins: [`${workspace.path}/plugins`],
      secrets: { TOKEN: secret },
    })
    const script = attackScript(
      {
        files: [
          '/etc/passwd',
          join(homedir(), '.profile'),
          ...(homedir() === '/tmp' ? [] : [homedir()]),
          workspace.path,
          workspace.home,
          `${workspace.path}/plugins/other/main.mjs`,
          `${process.cwd()}/package.json`,
        ],
        secret,
        pid: process.pid,
        port: inet.port,
        socket,
        abstract,
      },
      { acts: true },
    )
    expect(await obey(host, 'p', script)).toEqual({})
  } finally {
    delete process.env['BULKHEAD_TEST_SECRET']
  }
})

test.runIf(linux)('the attempts find what is there: outside of a sandbox they get hold of much', async () => {
  await using workspace = await openWorkspace()
  const socket = `${workspace.path}/server`
  await using inet = await greet(0)
  await using _socket = await greet(socket)
  const targets = { files: ['/etc/passwd'], secret, pid: process.pid, port: inet.port, socket, abstract: '\0none' }
  const script = attackScript(targets, { acts: false })
  const file = await workspace.write(
    'attack.cjs',
    `const [fs, net, os, child] = ['fs', 'net', 'os', 'child_process'].map((name) => require(name))
     ;(async () => {${script}})().then((got) => console.log(JSON.stringify(Object.keys(got))))`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { WORD: secret } })
  const got = JSON.parse(stdout) as string[]
  expect(got).toEqual(expect.arrayContaining(['files', 'folders', 'signal', 'loopback', 'path socket']))
  expect(got.some((name) => name.startsWith('environ of'))).toBe(true)
})

/** A plugin in Python that makes system calls by their numbers. */
const caller = `
import ctypes, json, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number):
    ctypes.set_errno(0)
    answer = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    return ctypes.get_errno() if answer == -1 else 0
def answer(message):
    method = message.get("method")
    if method == "initialize":
        return {"protocolVersion": 1, "plugin": message["params"]["plugin"]}
    if method == "action/call":
        return {"output": {name: call(number) for name, number in message["params"]["input"].items()}}
    return {}
for line in sys.stdin:
    message = json.loads(line)
    if "id" in message:
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer(message)}), flush=True)
`

test.runIf(linux && refusedCalls !== undefined)('system calls that reach around the walls are refused', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'plugins/caller/plugin.yaml',
    'manifest: 1\nname: caller\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, protocol: jsonrpc, entry: main.py }\nactions: { call: {} }\n',
  )
  await workspace.write('plugins/caller/main.py', caller)
  await using host = await openHost({ home: workspace.home, plugins: [`${workspace.path}/plugins`] })
  const [EPERM, ENOSYS] = [1, 38]
  // ioctl(0, 0) is a plain one: it is refused by no filter, as the others would not be without one.
  const expected = Object.fromEntries(
    Object.keys(refusedCalls ?? {}).map((name) => [name, name === 'clone3' ? ENOSYS : name === 'ioctl' ? 25 : EPERM]),
  )
  expect(await host.call('caller', 'call', refusedCalls)).toEqual(expected)
})
