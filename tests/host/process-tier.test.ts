// Plugins that are programs: started in the sandbox of the operating system, called over their standard streams, with the
// same manifest, gate and audit as all others.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Host, type HostOptions, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { processWire } from '../support/process-plugin.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-process-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (options: HostOptions = {}): Promise<Host> =>
  openHost({ home: join(folder, 'home'), workspaceRoot: folder, ...options } as HostOptions)

/** Writes a plugin in JavaScript; `actions` is the text of its table. */
const write = (name: string, actions: string, execution = ''): string => {
  const at = join(folder, name)
  mkdirSync(at)
  writeFileSync(
    join(at, 'plugin.yaml'),
    `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool\nexecution:\n  tier: process\n  protocol: jsonrpc\n  entry: main.mjs\n  limits: { memory: 200MiB }\n${execution}`,
  )
  writeFileSync(
    join(at, 'main.mjs'),
    `import fs from 'node:fs'\nimport net from 'node:net'\nlet calls = 0\nconst actions = {${actions}}\n${processWire}`,
  )
  return at
}

test('a program in Python: values, bytes, log lines, and the store of the host behind the gate', async () => {
  const at = join(folder, 'python-text')
  cpSync(fileURLToPath(new URL('../../examples/python-text', import.meta.url)), at, { recursive: true })
  const lines: string[] = []
  await using host = await open({
    plugins: [at],
    policy: { grants: { 'python-text': ['storage'] } },
    log: { write: ({ message }) => void lines.push(message) },
  })
  expect(await host.call('python-text', 'count', { text: 'one two\nthree' })).toEqual({ words: 3, lines: 2 })
  expect(lines).toContain('counting 13 characters')
  expect(await host.call('python-text', 'visit')).toEqual({ visits: 1 })
  expect(await host.call('python-text', 'visit')).toEqual({ visits: 2 })
  await expect(host.call('python-text', 'count', { txt: 1 })).rejects.toMatchObject({ code: 'input.invalid' })
})

test('without a grant its host call is denied', async () => {
  const at = join(folder, 'python-text')
  cpSync(fileURLToPath(new URL('../../examples/python-text', import.meta.url)), at, { recursive: true })
  await using host = await open({ plugins: [at] })
  await expect(host.call('python-text', 'visit')).rejects.toMatchObject({ code: 'capability.denied' })
})

test('each call has fresh state, unless the manifest keeps it, and users are apart', async () => {
  const count = 'count: () => ++calls'
  await using host = await open({
    plugins: [write('fresh', count), write('kept', count, '  isolation: per-plugin\n')],
  })
  expect([await host.call('fresh', 'count'), await host.call('fresh', 'count')]).toEqual([1, 1])
  expect([await host.call('kept', 'count'), await host.call('kept', 'count')]).toEqual([1, 2])
  expect(await host.call('kept', 'count', null, { user: 'other' })).toBe(1)
  expect(await host.call('kept', 'count')).toBe(3)
})

test('it sees nothing of the host', async () => {
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'hunter2')
  const at = write(
    'nosy',
    `read: (path) => { try { return fs.readFileSync(path, 'utf8') } catch (error) { return error.code } },
     list: (path) => { try { return fs.readdirSync(path) } catch (error) { return error.code } },
     env: () => Object.keys(process.env).sort(),
     write: (path) => { try { fs.writeFileSync(path, 'x'); return 'written' } catch (error) { return error.code } },
     dial: (port) => new Promise((done) => net.connect(port, '127.0.0.1').on('connect', () => done('connected')).on('error', (error) => done(error.code))),
     folder: () => process.cwd()`,
  )
  await using host = await open({ plugins: [at] })
  expect(await host.call('nosy', 'read', secret)).toBe('ENOENT')
  expect(await host.call('nosy', 'read', '/etc/shadow')).toBe('ENOENT')
  expect(await host.call('nosy', 'list', homedir())).toBe('ENOENT')
  expect(await host.call('nosy', 'env')).toEqual(['HOME', 'LANG', 'PWD', 'TMPDIR'])
  const inside = String(await host.call('nosy', 'folder'))
  expect(await host.call('nosy', 'write', join(inside, 'main.mjs'))).toMatch(/^E(ROFS|ACCES|PERM)$/)
  expect(await host.call('nosy', 'dial', 80)).toMatch(/^E/)
})

test('what was hashed runs, whatever becomes of the folder', async () => {
  const at = write('pinned', `which: () => 'first'`)
  await using host = await open({ plugins: [at] })
  await host.call('pinned', 'which')
  writeFileSync(join(at, 'main.mjs'), readFileSync(join(at, 'main.mjs'), 'utf8').replace('first', 'second'))
  expect(await host.call('pinned', 'which')).toBe('first')
})

test('one that loops, crashes or takes too much memory is ended alone, and the next call is answered', async () => {
  const at = write(
    'bad',
    `fine: () => 'fine',
     loop: () => { for (;;); },
     crash: () => process.exit(7),
     hang: () => new Promise(() => {}),
     fill: () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)) }`,
    '  isolation: per-plugin\n',
  )
  await using host = await open({ plugins: [at, write('good', `fine: () => 'well'`)] })
  const ends: readonly (readonly [string, string])[] = [
    ['loop', 'limit.time'],
    ['hang', 'limit.time'],
    ['crash', 'plugin.crashed'],
    ['fill', 'limit.memory'],
  ]
  for (const [action, code] of ends) {
    const call = host.call('bad', action, null, action === 'fill' ? {} : { timeoutMs: 700 })
    await expect(call).rejects.toMatchObject({ code })
    expect(await host.call('bad', 'fine')).toBe('fine')
  }
  expect(await host.call('good', 'fine')).toBe('well')
})

test('what it logs outside of its calls is bounded, on its wire and on standard error', async () => {
  const line = `'x'.repeat(4000)`
  const at = write(
    'loud',
    `wire: () => { for (let i = 0; i < 1000; i++) send({ method: 'log', params: { level: 'info', message: ${line} } }); return 'done' },
     errors: () => { for (let i = 0; i < 1000; i++) fs.writeSync(2, ${line} + '\\n'); return 'done' }`,
  )
  let logged = 0
  await using host = await open({ plugins: [at], log: { write: ({ message }) => (logged += message.length) } })
  for (const action of ['wire', 'errors']) {
    logged = 0
    expect(await host.call('loud', action)).toBe('done')
    await expect.poll(() => logged).toBeGreaterThan(900_000)
    expect(logged).toBeLessThan(1_200_000)
  }
})

test('calls that wait for their turn are bounded', async () => {
  const at = write('slow', `hang: () => new Promise(() => {})`)
  await using host = await open({ plugins: [at], policy: { limits: { concurrency: 1 } } })
  const ends = Array.from({ length: 1003 }, () =>
    host.call('slow', 'hang', null, { timeoutMs: 3000 }).catch(({ code }: { code: string }) => code),
  )
  const codes = await Promise.all(ends)
  expect([...new Set(codes)].sort()).toEqual(['limit.concurrency', 'limit.time'])
  expect(codes.filter((code) => code === 'limit.concurrency').length).toBeLessThan(5)
})

/** A server of the revision that most speak, in as few lines as it takes. */
const server = `
import { createInterface } from 'node:readline'
import fs from 'node:fs'
const tools = [
  { name: 'add', description: 'Adds.', inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] } },
  { name: 'read', inputSchema: { type: 'object' } },
]
const text = (value) => ({ content: [{ type: 'text', text: String(value) }] })
const call = {
  add: ({ a, b }) => text(a + b),
  read: ({ path }) => { try { return text(fs.readFileSync(path, 'utf8')) } catch (error) { return { ...text(error.code), isError: true } } },
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  const results = {
    initialize: () => ({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'sums', version: '1' } }),
    'tools/list': () => ({ tools }),
    'tools/call': () => call[params.name](params.arguments),
    ping: () => ({}),
  }
  if (id === undefined) return
  const answer = results[method] === undefined ? { error: { code: -32601, message: 'no such method' } } : { result: results[method]() }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\\n')
}).on('close', () => process.exit(0))
`

test('the tools of an MCP server are actions, and the server sees no more than any other program', async () => {
  const at = write('sums', '', '  isolation: per-plugin\n')
  const manifest = join(at, 'plugin.yaml')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('protocol: jsonrpc', 'protocol: mcp'))
  writeFileSync(join(at, 'main.mjs'), server)
  await using host = await open({ plugins: [at] })
  expect(await host.call('sums', 'add', { a: 1, b: 2 })).toEqual({ content: [{ type: 'text', text: '3' }] })
  await expect(host.call('sums', 'add', { a: 1 })).rejects.toMatchObject({ code: 'input.invalid' })
  await expect(host.call('sums', 'read', { path: '/etc/shadow' })).rejects.toMatchObject({
    code: 'plugin.failed',
    message: expect.stringContaining('ENOENT'),
  })
  await expect(host.call('sums', 'subtract')).rejects.toMatchObject({ code: 'action.unknown' })
})

test('without a protocol it is taken for a plugin of the SDK, and refused with a word of what may have been meant', async () => {
  const at = write('other', `fine: () => 1`)
  const manifest = join(at, 'plugin.yaml')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('  protocol: jsonrpc\n', ''))
  await using host = await open({ plugins: [at] })
  await expect(host.call('other', 'fine')).rejects.toMatchObject({
    code: 'artifact.compile',
    hint: expect.stringContaining('execution.protocol'),
  })
})

test('a program in another language without a protocol is refused in words', async () => {
  const at = write('other', `fine: () => 1`)
  const manifest = join(at, 'plugin.yaml')
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace('  protocol: jsonrpc\n', '').replace('main.mjs', 'main.py'),
  )
  writeFileSync(join(at, 'main.py'), '')
  await using host = await open({ plugins: [at] })
  await expect(host.call('other', 'fine')).rejects.toMatchObject({ code: 'runtime.missing' })
})
