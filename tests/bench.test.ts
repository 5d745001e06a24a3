// The benchmark runs, reports in the shape that it promises and leaves no goal out. What it measures is never asserted.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { judge } from '../bench/goal.ts'
import { allGoals, goals, missingGoals } from '../bench/goals.ts'
import { percentile } from '../bench/harness.ts'
import { compare } from '../bench/measure.ts'
import { makePage } from '../bench/report/page.ts'
import { makeTable, makeTables } from '../bench/report/table.ts'
import { scenarios } from '../bench/scenarios/index.ts'

const main = fileURLToPath(new URL('../bench/main.ts', import.meta.url))
const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--conditions=@bulkhead/source', main, ...args])

/** What has to be shown, and against which bounds. */
const promised: readonly (readonly [string, readonly string[]])[] = [
  [
    'warm call, wasm, thread, kept state, 16 B, p50',
    ['≤ 30 µs', '≤ 2× bare postMessage', '≥ 4× faster than Extism, worker'],
  ],
  ['warm call, wasm, thread, fresh state, 1 MiB memory, 16 B, p50', ['≤ 60 µs']],
  ['calls a second of CPU time, wasm, thread, fresh state, 1 MiB memory', ['≥ 5000 calls/s']],
  [
    'warm call, wasm, inline, kept state, 16 B, p50: host.call, with schema and audit',
    ['≤ 3 µs', '≥ 2× faster than Extism, same thread'],
  ],
  [
    'warm call, wasm, inline, kept state, 16 B, p50: invokeRaw, bytes to bytes, with audit',
    ['≤ 3 µs', '≥ 2× faster than Extism, same thread'],
  ],
  ['1 MiB of raw bytes in and out, wasm, thread, kept state', ['≥ 500 MB/s', '≥ 5× Extism, worker']],
  ['fresh instance of a 1.9 MB module, thread, to first result, p50', ['≤ 1 ms', '≥ 20× faster than Extism, worker']],
  ['memory of each instance of a 1.9 MB module, thread', ['≤ 2 MiB']],
  [
    'fresh JavaScript sandbox with its own memory, thread, to first result, p50',
    ['≤ 1 ms', '≥ 4× faster than quickjs-emscripten, new module'],
  ],
  ['fresh Lua sandbox with its own memory, thread, to first result, p50', ['≤ 1 ms']],
  ['warm call, Lua, thread, kept state, 16 B, p50', ['≤ 40 µs']],
  ['growth of a Lua sandbox with kept state over 10,000 calls', ['≤ 0 MiB']],
  ['fresh Rune sandbox with its own memory, thread, to first result, p50', ['≤ 2 ms']],
  ['warm call, Rune, thread, kept state, 16 B, p50', ['≤ 40 µs']],
  ['growth of a Rune sandbox with kept state over 10,000 calls', ['≤ 0 MiB']],
  ['PageRank of 10,000 nodes and 50,000 edges, asked by a JavaScript plugin, p50', ['< 1000 ms']],
  ["longest that the host's loop stood still meanwhile, p50", ['≤ 250 ms']],
  ...['fib', 'sieve', 'matmul', 'sha256', 'json'].flatMap((kernel) => [
    [`epoch checks in CPU-bound code: ${kernel}`, ['≤ 1.05× plain V8']] as const,
    [`epoch checks and fuel in CPU-bound code: ${kernel}`, ['≤ 1.3× plain V8']] as const,
  ]),
  ...['fib', 'sieve', 'json'].map(
    (kernel) => [`epoch checks in a script interpreter: ${kernel}`, ['≤ 1.15× unmetered interpreter']] as const,
  ),
  ...[
    'wasm: a loop',
    'JavaScript: for (;;)',
    'JavaScript: sort',
    'JavaScript: indexOf in 2^31 elements',
    'JavaScript: a regular expression that explodes',
  ].map((hostile) => [`stopped after the deadline, p99, ${hostile}`, ['≤ 5 ms']] as const),
  ['calls of another plugin on that thread that failed or lost their state meanwhile', ['≤ 0 calls']],
  ['1,000 calls at once that wait 50 ms in a host function, wasm, warm instances', ['< 250 ms']],
  ['1,000 calls at once that wait 50 ms in a host function, wasm, fresh instances', ['< 600 ms']],
  ['memory of the whole process with 1,000 wasm plugins loaded and idle', ['≤ 1024 MiB']],
  ['CPU while 1,000 wasm plugins are idle, of one core', ['≤ 1 %']],
  ['message to a process, jsonrpc, Node, p50', ['≤ 300 µs']],
  ['message to a process, go-plugin (gRPC, mutual TLS), Node, p50', ['≤ 800 µs']],
  ['10,000 plugins discovered and listed', ['< 2000 ms']],
  ['Node process of a TypeScript plugin, sandboxed, start to first result, p50', ['≤ 150 ms']],
  ['proportional memory of a Node process of a TypeScript plugin, the only one', ['≤ 50 MiB']],
  ['CPU of a Node process of a TypeScript plugin that is idle, of one core', ['≤ 0 %']],
  ['warm call, TypeScript in a Node process, kept state, p50: host.call, with schema and audit', ['≤ 0.3 ms']],
  ['SHA-256 in TypeScript, 500 digests, Node process', ['≥ 5× faster than the interpreter of the script tier']],
  ['warm call, wasm, jail, kept state, 16 B, p50', ['≤ 80 µs']],
  ['load and first call, wasm, in a jail from a spare, p50', ['≤ 0.5× the same without a spare']],
  ['proportional memory of a jail after 2,000 calls, wasm', ['≤ 60 MiB']],
  ['proportional memory of a jail after 2,000 calls, JavaScript', ['≤ 60 MiB']],
  ['CPU of a jail that is idle, of one core', ['≤ 0 %']],
  ['notes found in the first five, by words and meaning, all judged queries', ['≥ 1.5× full text alone']],
  ['notes found in the first five, by words and meaning, judged queries in other words', ['≥ 2× full text alone']],
  ['table of word vectors read and ready', ['< 50 ms']],
  ['passages of 100 words embedded in a second of CPU time', ['≥ 20000 texts/s']],
  ['a native program in the sandbox, from its start to its end, p50', ['≤ 40 ms']],
  ['Node in the sandbox, from its start to the end of a script of one word, p50', ['≤ 150 ms']],
  [
    'processor time of a job that computes in Node, in the sandbox, p50',
    ['≤ 1.02× the same program without a sandbox'],
  ],
  ['full index of 10,000 notes with 50,000 links', ['< 10000 ms']],
  ['vault of 10,000 notes opened again, to the first answer', ['< 500 ms']],
  ['a note changed by another program among 10,000, until it is found, p50', ['< 20 ms']],
  ['backlinks of a note among 10,000, p50', ['< 1 ms']],
  ['full-text search in 10,000 notes, two words, p50', ['< 10 ms']],
  ['search by meaning in 10,000 notes, p50', ['< 30 ms']],
  ...['wasm, thread', 'JavaScript, thread', 'wasm, inline'].map(
    (caller) =>
      [`host call that does 20 µs of work, with gate and audit, ${caller}`, ['≤ 1.2× without gate and audit']] as const,
  ),
]

/** Lines of a goal, with made-up figures for the peers that its targets name. */
const linesOf = (goal: (typeof allGoals)[number]) =>
  judge(goal, {
    ours: 1,
    peers: Object.fromEntries(goal.targets.flatMap((target) => ('peer' in target ? [[target.peer, 1]] : []))),
  })

describe('goals', () => {
  test('each promise is a goal with its targets, and there are no others', () => {
    const found = allGoals.map((goal) => [goal.name, linesOf(goal).map(({ target }) => target)])
    expect(new Map(found as [string, string[]][])).toEqual(new Map(promised))
  })

  test('each belongs to a scenario, which fails when it leaves one out', () => {
    for (const { scenario } of allGoals) expect(Object.keys(scenarios)).toContain(scenario)
    const { name, scenario } = goals.discovery
    expect(missingGoals(scenario, [])).toEqual([name])
    expect(missingGoals(scenario, [{ name }])).toEqual([])
  })

  test('one that was not measured against its peer is an error', () => {
    expect(() => judge(goals.bytes, { ours: 1, peers: { 'bare postMessage': 1 } })).toThrow('Extism, worker')
  })
})

describe('a measure', () => {
  const parts = { name: 'a call', unit: 'µs', ours: 30 } as const

  test('is judged by its bounds', () => {
    const judged = (targets: Parameters<typeof compare>[0]['targets'] = []) =>
      compare({ ...parts, targets }).map(({ target, met }) => [target, met])
    expect(judged([{ atMost: 30 }])).toEqual([['≤ 30 µs', true]])
    expect(judged([{ below: 30 }])).toEqual([['< 30 µs', false]])
    expect(judged([{ atLeast: 31 }])).toEqual([['≥ 31 µs', false]])
    expect(judged()).toEqual([[null, null]])
    expect(compare({ ...parts, ours: Number.NaN, targets: [{ atMost: 30 }] })).toMatchObject([{ met: false }])
  })

  test('is judged against each peer, in the direction of its unit', () => {
    const peers = { slow: 120, quick: 14 }
    const targets = [
      { peer: 'slow', atLeastTimesBetter: 4 },
      { peer: 'quick', atMostTimes: 2 },
    ]
    expect(compare({ ...parts, peers, targets: [{ atMost: 30 }, ...targets] })).toEqual([
      { ...parts, peer: null, peerName: null, ratio: null, target: '≤ 30 µs', met: true },
      { ...parts, peer: 120, peerName: 'slow', ratio: 0.25, target: '≥ 4× faster than slow', met: true },
      { ...parts, peer: 14, peerName: 'quick', ratio: 2.143, target: '≤ 2× quick', met: false },
    ])
    const rate = { name: 'bytes', unit: 'MB/s', ours: 500, targets: [{ peer: 'slow', atLeastTimesBetter: 5 }] } as const
    expect(compare({ ...rate, peers: { slow: 100 } })).toMatchObject([{ target: '≥ 5× slow', met: true }])
    expect(compare({ ...rate, peers: { slow: 101 } })).toMatchObject([{ met: false }])
  })

  test('without a target is shown beside its peers all the same', () => {
    expect(compare({ ...parts, peers: { other: 15 } })).toMatchObject([{ ratio: 2, target: null, met: null }])
  })
})

test('goals and further figures are told apart, and their targets are counted', () => {
  const further = compare({ name: 'something else', unit: 'ms', ours: 3 })
  expect(makeTable(further).split('\n')).toHaveLength(3)
  const text = makeTables([...linesOf(goals.discovery), ...further])
  expect(text).toContain('## Goals\n\n1 of 1 targets met.')
  expect(text.indexOf('something else')).toBeGreaterThan(text.indexOf('## Further figures'))
  expect(makePage(further, new Date(0))).toContain('1970-01-01')
})

test('a percentile is a sample', () => {
  const samples = [1, 2, 3, 4]
  expect([0, 0.5, 0.95, 1].map((share) => percentile(samples, share))).toEqual([1, 3, 4, 4])
})

test('--json prints one document with a line for each measure and peer', async () => {
  const { stdout } = await run('--json', '--quick', '--only', 'discovery', '--only', 'script-metering')
  const document = JSON.parse(stdout) as { measures: readonly Record<string, unknown>[] }
  expect(Object.keys(document)).toEqual(['measures'])
  for (const { name, scenario } of allGoals)
    if (scenario === 'discovery' || scenario === 'script-metering')
      expect(document.measures.map((measure) => measure['name'])).toContain(name)
  for (const measure of document.measures)
    expect(measure).toEqual({
      name: expect.any(String) as string,
      unit: 'ms',
      ours: expect.any(Number) as number,
      peer: measure['peerName'] === null ? null : (expect.any(Number) as number),
      peerName: measure['peerName'] === null ? null : (expect.any(String) as string),
      ratio: measure['peerName'] === null ? null : (expect.any(Number) as number),
      target: expect.any(String) as string,
      met: expect.any(Boolean) as boolean,
    })
})

test('an unknown scenario is a wrong use, and the known ones are named', async () => {
  await expect(run('--only', 'nothing')).rejects.toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('warm-thread') as string,
  })
})
