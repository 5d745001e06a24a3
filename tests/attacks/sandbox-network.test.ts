// A confined program tries to reach something: servers on the host, by internet, path and abstract sockets, and the
// address at which clouds give out credentials.

import { createServer, type Server } from 'node:net'
import { constants } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeScript, runCalls, runToEnd, linux } from '../support/confined.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const listen = async (server: Server, where: string | number): Promise<AsyncDisposable> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    if (typeof where === 'string') server.listen(where, resolve)
    else server.listen(where, '127.0.0.1', resolve)
  })
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
const greeter = (): Server => createServer((socket) => socket.on('error', () => undefined).end('hello'))

/** Tries each place and writes what came of it. */
const tries = (places: readonly unknown[]): string => `
  const net = require('net')
  const attempt = (place) => new Promise((resolve) => {
    const socket = net.connect({ ...place, timeout: 1500 })
    socket.on('data', () => resolve('reached')).on('error', (error) => resolve(error.code))
    socket.on('timeout', () => resolve('silence')).on('close', () => resolve('closed'))
  })
  Promise.all(${JSON.stringify(places)}.map(attempt)).then((came) => {
    console.log(JSON.stringify(came))
    process.exit()
  })`

test.runIf(linux)('neither by internet, by path nor by abstract sockets', async () => {
  await using folder = await openTemporaryFolder()
  const [path, abstract] = [join(folder.path, 'socket'), `\0bulkhead-test-${process.pid}`]
  const inet = greeter()
  await using _inet = await listen(inet, 0)
  await using _path = await listen(greeter(), path)
  await using _abstract = await listen(greeter(), abstract)
  const port = (inet.address() as { port: number }).port
  const places = [{ host: '127.0.0.1', port }, { host: '169.254.169.254', port: 80 }, { path }, { path: abstract }]
  const came = async (localSockets: boolean): Promise<unknown> => {
    const { stdout, stderr } = await runToEnd(nodeScript(tries(places), { localSockets }))
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }
  expect(await came(false)).toEqual(places.map(() => 'EAFNOSUPPORT'))
  // Where Unix sockets are made, the namespaces hold alone.
  expect(await came(true)).toEqual(['EAFNOSUPPORT', 'EAFNOSUPPORT', 'ENOENT', 'ECONNREFUSED'])
})

test.runIf(linux)('a network of its own leads nowhere', async () => {
  const inet = greeter()
  const abstract = `\0bulkhead-test-own-${process.pid}`
  await using _inet = await listen(inet, 0)
  await using _abstract = await listen(greeter(), abstract)
  const port = (inet.address() as { port: number }).port
  const places = [{ host: '127.0.0.1', port }, { host: '169.254.169.254', port: 80 }, { path: abstract }]
  const { stdout } = await runToEnd(nodeScript(tries(places), { network: 'loopback', localSockets: true }))
  expect(JSON.parse(stdout)).toEqual(['ECONNREFUSED', 'ENETUNREACH', 'ECONNREFUSED'])
})

test.runIf(linux)('a socket that was named, and none beside it', async () => {
  await using folder = await openTemporaryFolder()
  const [named, beside] = [join(folder.path, 'named'), join(folder.path, 'beside')]
  await using _named = await listen(greeter(), named)
  await using _beside = await listen(greeter(), beside)
  const { stdout } = await runToEnd(nodeScript(tries([{ path: named }, { path: beside }]), { sockets: [named] }))
  expect(JSON.parse(stdout)).toEqual(['reached', 'ENOENT'])
})

test.runIf(linux)('a socket in a granted folder is not reached, by no kind of socket', async () => {
  await using folder = await openTemporaryFolder()
  const path = join(folder.path, 'socket')
  await using _path = await listen(greeter(), path)
  const grant = { readable: [folder.path] }
  expect(JSON.parse((await runToEnd(nodeScript(tries([{ path }]), grant))).stdout)).toEqual(['EAFNOSUPPORT'])
  // A pair of datagrams could be turned to another address.
  const { answers } = await runCalls([{ call: 'socketpair', arguments: [1, 2, 0, new Uint8Array(8)] }], grant)
  expect(answers).toEqual([-constants.errno.EAFNOSUPPORT])
  // The folder shows it where a program may connect: that is why it has to be hidden then.
  const open = { ...grant, localSockets: true }
  expect(JSON.parse((await runToEnd(nodeScript(tries([{ path }]), open))).stdout)).toEqual(['reached'])
  const hidden = { ...open, hidden: [path] }
  expect(JSON.parse((await runToEnd(nodeScript(tries([{ path }]), hidden))).stdout)).not.toEqual(['reached'])
})

test.runIf(linux)('the network of the host only on demand', async () => {
  const inet = greeter()
  await using _inet = await listen(inet, 0)
  const port = (inet.address() as { port: number }).port
  const { stdout } = await runToEnd(nodeScript(tries([{ host: '127.0.0.1', port }]), { network: 'host' }))
  expect(JSON.parse(stdout)).toEqual(['reached'])
})
