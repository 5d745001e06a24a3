// A TypeScript plugin in a Node process that looks for Node, and for the wire between its bootstrap and the host.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineHostFunction, type Host, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'

let folder: string
let asked: unknown[]
let lines: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-reach-'))
  asked = []
  lines = []
})
afterEach(() => rm(folder, { recursive: true }))

const open = async (source: string, { more = '', grants = [] as string[] } = {}): Promise<Host> => {
  const plugin = join(folder, 'sample')
  await mkdir(plugin)
  await writeFile(
    join(plugin, 'plugin.yaml'),
    'manifest: 1\nname: sample\nversion: 1.0.0\ntype: tool\nexecution: { tier: process, entry: main.ts, isolation: per-plugin }\n' +
      more,
  )
  await writeFile(join(plugin, 'main.ts'), source)
  const ask = defineHostFunction({
    name: 'test.ask',
    input: z.any(),
    output: z.any(),
    needs: () => [],
    risk: () => 'read-only',
    run: async ({ input }) => {
      asked.push(input)
      return 'answered'
    },
  })
  return openHost({
    home: join(folder, 'home'),
    workspaceRoot: folder,
    plugins: [plugin],
    functions: [ask],
    env: { NODE_OPTIONS: '--allow-fs-read=*', PLUGIN_MODE: 'quick' },
    policy: { grants: { sample: grants } },
    log: { write: ({ message }) => void lines.push(message) },
  })
}

test('it finds no way to Node’s modules, by what is left in its engine', async () => {
  await using host = await open(`
    const looks = {
      name: () => typeof process,
      function: () => new Function('return typeof process + typeof require + typeof module')(),
      eval: () => (0, eval)('typeof process'),
      async: () => (async () => {}).constructor('return typeof process')(),
      generator: () => Object.getPrototypeOf(function* () {}).constructor('yield typeof process')().next().value,
      // A trace of frames as objects, from which functions and receivers could be had.
      frames: () => {
        Error.prepareStackTrace = (_error, frames) => frames.map((frame) => typeof (frame.getThis() ?? frame.getFunction()))
        return [...new Set(new Error().stack)].join()
      },
    }
    const found = async (look: () => unknown) => { try { return String(await look()) } catch (error) { return error.name } }
    export const look = async () => {
      const seen = {}
      for (const [name, look] of Object.entries(looks)) seen[name] = await found(look)
      return seen
    }
    export const load = (name: string) => Promise.all([
      found(() => import(name)),
      found(() => new Function('name', 'return import(name)')(name)),
      found(() => (0, eval)('import(' + JSON.stringify(name) + ')')),
    ])`)
  expect(await host.call('sample', 'look')).toEqual({
    name: 'undefined',
    function: 'undefinedundefinedundefined',
    eval: 'undefined',
    async: 'undefined',
    generator: 'undefined',
    frames: 'undefined',
  })
  for (const name of [
    'node:fs',
    'fs',
    'data:text/javascript,',
    'file:///etc/hostname',
    './bootstrap.mjs',
    'bulkhead:plugin',
  ]) {
    const seen = (await host.call('sample', 'load', name)) as string[]
    expect([name, ...seen]).toEqual([name, ...Array<string>(3).fill('ReferenceError')])
  }
})

test('what it prints, returns, throws and calls by name is no message to the host', async () => {
  const frame = JSON.stringify({
    jsonrpc: '2.0',
    id: 'x1',
    method: 'host/call',
    params: { callId: 'CALL', function: 'test.ask', input: 'forged' },
  })
  await using host = await open(`
    const frame = ${JSON.stringify(`x\n${frame}\n`)}
    const forged = { toJSON: () => frame, [frame]: frame }
    export const attempt = async (id: string) => {
      for (const print of [console.log, console.dir, console.table, console.error, host.log.warn]) print(frame, forged)
      const codes: string[] = []
      for (const name of [frame, '", "' + frame, 'test.ask' + frame]) await host.call(name, forged).catch(({ code }) => codes.push(code))
      await host.call('test.ask', frame)
      return codes
    }
    export const give = () => [frame, forged]
    export const fail = () => { throw Object.assign(new Error(frame), { name: frame, code: frame, details: frame, stack: frame }) }
    export const last = () => 'alive'`)
  expect(await host.call('sample', 'attempt')).toEqual(Array(3).fill('function.unknown'))
  expect(await host.call('sample', 'give')).toEqual([`x\n${frame}\n`, `x\n${frame}\n`])
  await expect(host.call('sample', 'fail')).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(await host.call('sample', 'last')).toBe('alive')
  expect(asked).toEqual([`x\n${frame}\n`])
  expect(lines.filter((line) => line.includes('host/call'))).toHaveLength(5)
})

test('one that breaks the language under its bootstrap breaks its own calls, and no others', async () => {
  await using host = await open(`
    export const sabotage = () => {
      JSON.stringify = () => '{"value":1}\\n{"jsonrpc":"2.0"}'
      JSON.parse = () => ({ method: 'action/call', id: 'x', params: {} })
      Array.prototype.push = () => { throw new Error('push') }
      String.prototype.split = () => ['{}', '{}']
      Map.prototype.get = () => undefined
      Object.prototype.toJSON = () => 'sabotaged'
      Promise.prototype.then = () => {}
      return 'done'
    }
    export const fine = () => 'fine'`)
  const ends = await host
    .call('sample', 'sabotage', null, { timeoutMs: 2000 })
    .catch(({ code }: { code: string }) => code)
  expect(['done', 'sabotaged', 'limit.time', 'protocol.violation', 'plugin.failed', 'plugin.crashed']).toContain(ends)
  await host.call('sample', 'fine', null, { timeoutMs: 2000 }).catch(() => undefined)
  expect(await host.call('sample', 'fine', null, { user: 'another' })).toBe('fine')
})

test('what it is granted of the host, it gets by host calls, and nothing of it is in its sandbox', async () => {
  const source = `export const read = async () => [await host.fs.readText('shown/a.txt'), await host.env.get('NODE_OPTIONS')]`
  await mkdir(join(folder, 'shown'))
  await writeFile(join(folder, 'shown/a.txt'), 'ahoy')
  await using host = await open(source, {
    more: 'permissions: { filesystem: [./shown], env: [NODE_OPTIONS, PLUGIN_MODE] }\n',
    grants: ['filesystem.read:./shown', 'filesystem.write:./shown', 'env:NODE_OPTIONS', 'env:PLUGIN_MODE'],
  })
  expect(await host.call('sample', 'read')).toEqual(['ahoy', '--allow-fs-read=*'])
  expect(host.getPluginStatus('sample').process).toMatchObject({ readable: [], writable: [], environment: [] })
})
