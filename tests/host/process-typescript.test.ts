// Plugins of the SDK in the two tiers that run them: the same source, one line of the manifest changed, and a caller who cannot
// tell which it was, but for what the engines themselves put differently: columns, and the texts of their own errors.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HostOptions, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLoopbackServer } from '../support/loopback-server.ts'
import {
  copyForTier,
  lookUp,
  openInNode,
  type Seen,
  type Step,
  take,
  tiers,
  writeSample,
} from '../support/both-tiers.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-both-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

/** What differs between two engines, and between two records of an audit log, made the same. */
const levelled = (seen: Seen, tier: string): unknown =>
  JSON.parse(
    JSON.stringify(seen)
      .replace(/(main\.ts:\d+):\d+/g, '$1')
      .replace(/"column":\d+/g, '"column":0')
      .replace(/( \| ) *\^/g, '$1^')
      .replace(/"record":"[^"]*"/g, '"record":""')
      .replaceAll(`/${tier}#`, '/#'),
  )

const inBothTiers = async (
  from: string,
  name: string,
  steps: readonly Step[],
  options: Omit<HostOptions, 'plugins'> = {},
): Promise<readonly Seen[]> => {
  const taken: Partial<Record<(typeof tiers)[number], readonly Seen[]>> = {}
  for (const tier of tiers) {
    const plugin = await copyForTier(from, folder, tier)
    const home = join(folder, `home-${tier}`)
    taken[tier] = await take({ workspaceRoot: folder, ...options, home, plugins: [plugin] }, name, steps)
  }
  const { script = [], process = [] } = taken
  for (const [index, [action]] of steps.entries()) {
    const [one, other] = [script[index], process[index]]
    if (one === undefined || other === undefined) throw new Error(`${action} was not called`)
    expect([action, levelled(other, 'process')]).toEqual([action, levelled(one, 'script')])
  }
  return process
}

test.each(['per-call', 'per-plugin'])('values, errors, places and log lines are the same, %s', async (isolation) => {
  const source = await readFile(new URL('both-tiers-plugin.ts', import.meta.url), 'utf8')
  const names = [...source.matchAll(/^export const (\w+)/gm)].map(([, name = '']): Step => [name])
  expect(names.length).toBeGreaterThan(25)
  const steps: readonly Step[] = [
    ...names,
    ['echo', { a: [1, { $bytes: 'x' }], $bytes: null, text: '✓ 💧 \u0000 \u2028' }],
    ['echo', { $bytes: 'AA==' }],
    ['echo', { $$bytes: { $bytes: 7 } }],
    ['bytes', new Uint8Array([1, 2])],
    ['fail', { a: 1 }],
    ['nowhere'],
    ['count'],
  ]
  const seen = await inBothTiers(
    await writeSample(folder, source, {
      execution: `  isolation: ${isolation}\n`,
      more: 'permissions: { storage: true }\ncapabilities: [orders.look_up]\n',
    }),
    'sample',
    steps,
    { functions: [lookUp], policy: { grants: { sample: ['storage'] } } },
  )
  const of = (name: string): Seen | undefined => seen[steps.findLastIndex(([action]) => action === name)]
  expect(of('fail')?.error).toMatchObject({
    code: 'plugin.failed',
    message: expect.stringMatching(/^TypeError: bad 1 \(main\.ts:\d+:\d+\)$/),
    details: { file: 'main.ts', name: 'TypeError', frame: expect.stringContaining("throw new TypeError('bad '") },
  })
  expect(of('denied')?.error).toMatchObject({ code: 'capability.denied' })
  expect(of('disguised')?.error).toMatchObject({ code: 'plugin.failed' })
  expect(of('stuck')?.error).toMatchObject({ code: 'plugin.failed', details: { name: 'NeverSettles' } })
  expect(of('recurse')?.error).toMatchObject({ code: 'limit.stack' })
  expect(of('late')?.output).toBe('nothing')
})

test('the globals are those of the interpreter', async () => {
  const source = 'export const names = () => Object.getOwnPropertyNames(globalThis).sort()'
  const seen: unknown[] = []
  for (const tier of tiers) {
    const plugin = await copyForTier(await writeSample(folder, source), folder, tier)
    const home = join(folder, `home-${tier}`)
    const [first] = await take({ home, workspaceRoot: folder, plugins: [plugin] }, 'sample', [['names']])
    seen.push(first?.output)
  }
  // An error class that only one engine has.
  expect(seen[1]).toEqual((seen[0] as string[]).filter((name) => name !== 'InternalError'))
})

test('the example that counts words', async () => {
  const text = await readFile(join(examples, 'texts/README.md'), 'utf8')
  await inBothTiers(
    join(examples, 'text-tools'),
    'text-tools',
    [
      ['stats', { text, top: 5 }],
      ['slugify', { text: 'Crème brûlée!' }],
      ['summarize', { text, sentences: 2 }],
      ['outline', { text }],
      ['file-stats', { path: 'texts/README.md' }],
      ['file-stats', { path: 'README.md' }],
      ['stats', { text: 1 }],
    ],
    { workspaceRoot: examples, policy: { grants: { 'text-tools': ['filesystem.read:./texts'] } } },
  )
})

test('the example that fetches', async () => {
  await using server = await openLoopbackServer((request, response) => {
    if (request.url === '/public/away') response.writeHead(302, { location: '/private' }).end()
    else if (request.url === '/public/data') response.end('{"items":[{"id":7}]}')
    else response.setHeader('content-type', 'text/html').end('<title>Page</title><h1>One</h1><a href="next">Next</a>')
  })
  const url = (path: string) => ({ url: `${server.origin}${path}` })
  const seen = await inBothTiers(
    join(examples, 'http-fetch'),
    'http-fetch',
    [
      ['page', url('/public/page')],
      ['json', { ...url('/public/data'), pointer: '/items/0/id' }],
      ['page', url('/public/away')],
      ['page', url('/private')],
      ['page', { url: 'no url' }],
    ],
    { policy: { grants: { 'http-fetch': [`network:GET ${server.origin}/public/*`] } } },
  )
  expect(seen.map(({ error }) => error?.code)).toEqual([
    undefined,
    undefined,
    'capability.denied',
    'capability.denied',
    'input.invalid',
  ])
})

test('a single file names the tier in its comment', async () => {
  const source = await readFile(join(examples, 'scripts/roman.ts'), 'utf8')
  const path = join(folder, 'roman.ts')
  await writeFile(path, source.replace('// type: tool\n', '// type: tool\n// execution: { tier: process }\n'))
  await using host = await openHost({ home: join(folder, 'home'), workspaceRoot: folder, plugins: [path] })
  expect(await host.call('roman', 'toRoman', { number: 2026 })).toEqual({ roman: 'MMXXVI' })
})

test.each([
  [
    'does not compile',
    'const a = 1\nexport const b = = 2',
    { code: 'artifact.compile', details: { file: 'main.ts', line: 2 } },
  ],
  [
    'throws',
    'type A = 1\nthrow new RangeError("boom")',
    { code: 'plugin.failed', details: { file: 'main.ts', line: 2 } },
  ],
  ['makes a host call', "await host.kv.get('a')", { code: 'plugin.failed', details: { guestCode: 'usage.invalid' } }],
  ['waits for ever', 'await new Promise(() => {})', { code: 'plugin.failed', details: { name: 'NeverSettles' } }],
  ['recurses', 'const f = (): number => 1 + f()\nf()', { code: 'limit.stack' }],
  ['imports a module of Node', "import 'node:fs'", { code: 'artifact.compile' }],
  ['imports a file beside its folder', "import '../secret.ts'", { code: 'artifact.outside' }],
])('a top level that %s fails as in the script tier', async (_what, source, error) => {
  const seen = await inBothTiers(await writeSample(folder, `${source}\nexport const run = () => 1`), 'sample', [
    ['run'],
  ])
  expect(seen).toMatchObject([{ error }])
})

test('plain JavaScript that does not compile is told with its place', async () => {
  await using host = await openInNode(folder, 'export const a = 1\nexport const b = = 2', { entry: 'main.js' })
  await expect(host.call('sample', 'a')).rejects.toMatchObject({
    code: 'artifact.compile',
    details: { file: 'main.js', line: 2, column: 18 },
  })
})

test('files, packages, JSON and text of its folder take part, as they were hashed', async () => {
  const at = await writeSample(
    folder,
    `import { greet } from './lib/greet.js'
     import data from './data.json'
     import note from './note.txt'
     import { twice } from 'twice'
     export const run = () => [greet('crew'), data.port, note, twice(4)]`,
  )
  const files = {
    'lib/greet.ts': `export const greet = (name: string): string => 'Ahoy ' + name`,
    'data.json': '{"port": 7}',
    'note.txt': 'a note',
    'node_modules/twice/package.json': '{"name":"twice","exports":"./twice.js"}',
    'node_modules/twice/twice.js': 'export const twice = (n) => 2 * n',
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(at, name, '..'), { recursive: true })
    await writeFile(join(at, name), text)
  }
  const [seen] = await inBothTiers(at, 'sample', [['run']])
  expect(seen?.output).toEqual(['Ahoy crew', 7, 'a note', 8])
})

test('state is fresh for each call, or kept for each user, and a call that fails or is ended takes it along', async () => {
  const source = `let n = 0
    export const count = () => ++n
    export const spin = () => { for (;;); }
    export const wait = () => new Promise((resolve) => setTimeout(resolve, 60_000))
    export const fail = () => { throw new Error('not today') }`
  {
    await using host = await openInNode(folder, source)
    expect([await host.call('sample', 'count'), await host.call('sample', 'count')]).toEqual([1, 1])
  }
  await using host = await openInNode(folder, source, { execution: '  isolation: per-plugin\n' })
  expect([await host.call('sample', 'count'), await host.call('sample', 'count')]).toEqual([1, 2])
  expect(await host.call('sample', 'count', null, { user: 'other' })).toBe(1)
  await expect(host.call('sample', 'fail')).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(await host.call('sample', 'count')).toBe(1)
  for (const action of ['spin', 'wait']) {
    await expect(host.call('sample', action, null, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'limit.time' })
    expect(await host.call('sample', 'count')).toBe(1)
  }
})

test('bytes go in and come out, and so does the text of whatever else there is', async () => {
  const source = `export const echo = (value: unknown) => value
    export const part = (bytes: Uint8Array) => bytes.subarray(1, 3)
    export const text = () => 'ahoy ✓ "x"'
    export const value = () => ({ a: [1, null] })
    export const nothing = () => {}`
  const seen: string[][] = []
  for (const tier of tiers) {
    const plugin = await copyForTier(await writeSample(folder, source), folder, tier)
    await using host = await openHost({ home: join(folder, `home-${tier}`), workspaceRoot: folder, plugins: [plugin] })
    const outputs: string[] = []
    for (const action of ['echo', 'part', 'text', 'value', 'nothing']) {
      const { output } = await host.invokeRaw('sample', action, Uint8Array.of(0, 255, 254, 10))
      outputs.push(Buffer.from(output).toString('latin1'))
    }
    seen.push(outputs)
  }
  expect(seen[1]).toEqual(seen[0])
  expect(seen[1]?.slice(0, 2)).toEqual(['\u0000\u00ff\u00fe\n', '\u00ff\u00fe'])
})

test('the configuration is there, at the top level too', async () => {
  const source = `const depth = host.config.depth\nexport const run = (_input, { config }) => [depth, config.depth]`
  await using host = await openInNode(folder, source, {
    entry: 'main.js',
    host: { config: { sample: { depth: '7' } } },
  })
  expect(await host.call('sample', 'run')).toEqual(['7', '7'])
})
