// Sources that are made to hurt the compiler: deep nesting, long lists, constants and macros that multiply, files that name
// each other, what looks like a way to read files. Loading ends in a typed error or a plugin, in bounded time and memory.

import { afterAll, describe, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const rune = { entry: 'main.rune', limits: { wallMs: 8000, memoryBytes: 128 * 2 ** 20 } } as const

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('')

const bombs: Readonly<Record<string, string>> = {
  brackets: `pub fn run() { ${'['.repeat(100_000)}${']'.repeat(100_000)} }`,
  parentheses: `pub fn run() { ${'('.repeat(100_000)}1${')'.repeat(100_000)} }`,
  'open brackets': `pub fn run() { ${'['.repeat(200_000)}`,
  blocks: `pub fn run() ${'{'.repeat(50_000)}${'}'.repeat(50_000)}`,
  conditions: `pub fn run() { ${'if true { '.repeat(20_000)}1${' }'.repeat(20_000)} }`,
  negations: `pub fn run() { ${'!'.repeat(200_000)}true }`,
  sums: `pub fn run() { 1${' + 1'.repeat(200_000)} }`,
  chains: `pub fn run() { a${'.b()'.repeat(100_000)} }`,
  closures: `pub fn run() { ${'|| '.repeat(50_000)}1 }`,
  modules: `${'mod a { '.repeat(20_000)}${'}'.repeat(20_000)}`,
  paths: `pub fn run() { a${'::a'.repeat(100_000)} }`,
  patterns: `pub fn run(x) { let ${'['.repeat(50_000)}y${']'.repeat(50_000)} = x; }`,
  templates: `pub fn run() { ${'`${'.repeat(20_000)}1${'}`'.repeat(20_000)} }`,
  comments: '/*'.repeat(200_000),
  'a long text': `pub fn run() { "${'x'.repeat(4_000_000)}".len() }`,
  'a long number': `pub fn run() { ${'9'.repeat(1_000_000)} }`,
  'many functions': times(50_000, (i) => `pub fn f${i}() { ${i} }\n`),
  'many parameters': `pub fn run(${times(5000, (i) => `a${i}, `)}) { 1 }`,
  'a long list': `pub fn run() { [${'1,'.repeat(500_000)}] }`,
  'a constant that loops': `const A = { let n = 0; while true { n += 1; } n };\npub fn run() { A }`,
  'a constant of itself': `const A = B + 1; const B = A + 1;\npub fn run() { A }`,
  'constants that double': `const A0 = "xxxxxxxxxxxxxxxx";\n${times(40, (i) => `const A${i + 1} = \`\${A${i}}\${A${i}}\`;\n`)}pub fn run() { A40 }`,
  'a constant function without end': `const fn f(n) { f(n + 1) }\nconst A = f(0);\npub fn run() { A }`,
  'formats in formats': `pub fn run() { ${'format!("{}", '.repeat(5000)}1${')'.repeat(5000)} }`,
  'imports in a circle': `use self::a::x as y; mod a { pub use super::y as x; }\npub fn run() { y }`,
  'wildcards in a circle': `mod a { pub use super::b::*; } mod b { pub use super::a::*; }\nuse a::*;\npub fn run() { zzz() }`,
  attributes: `${'#[test] '.repeat(50_000)}fn run() {}`,
}

describe('loads in bounds', () => {
  test.each(Object.keys(bombs))('%s', { timeout: 60_000 }, async (name) => {
    const outcome = await loadScript(runtime, bombs[name] ?? '', rune).then(
      async (plugin) => {
        await plugin[Symbol.asyncDispose]()
        return 'loaded'
      },
      (error: { code?: string }) => error.code,
    )
    expect(outcome).toMatch(/^(?:loaded|artifact\.\w+|plugin\.failed|plugin\.trap|limit\.\w+)$/)
    // Whatever that did to the thread, others are served.
    await using plugin = await loadScript(runtime, 'pub fn ok() { "alive" }', rune)
    expect(await callScript(plugin, 'ok')).toBe('alive')
  })
})

describe('what is not there', () => {
  const refused: Readonly<Record<string, string>> = {
    'a module outside of the folder': 'mod other; pub fn run() { other::x() }',
    'a module by a path': '#[path = "/etc/passwd"] mod other; pub fn run() { 1 }',
    files: 'pub fn run() { std::fs::read_to_string("/etc/passwd") }',
    processes: 'pub fn run() { process::Command::new("id") }',
    'time of the system': 'pub fn run() { time::sleep(1) }',
    'the network': 'pub fn run() { http::get("http://localhost") }',
    including: 'pub fn run() { include_str!("/etc/passwd") }',
    'the environment': 'pub fn run() { env!("HOME") }',
    'standard input': 'pub fn run() { std::io::stdin() }',
  }
  test.each(Object.keys(refused))('%s', async (name) => {
    await expect(loadScript(runtime, refused[name] ?? '', rune)).rejects.toMatchObject({ code: 'artifact.compile' })
  })

  test('a name of a file is the name that was given, and no path of the machine', async () => {
    await using plugin = await loadScript(runtime, 'pub fn run() { file!() }', rune)
    expect(await callScript(plugin, 'run')).toBe('main.rune')
  })

  test('functions that are marked as tests or benchmarks, or are not public, are no actions', async () => {
    const source = `#[test] pub fn checked() { 1 }\n#[bench] pub fn timed(b) { b.iter(|| 1) }\nfn hidden() { 2 }\npub fn shown() { hidden() }\nmod inner { pub fn deep() { 3 } }`
    await using plugin = await loadScript(runtime, source, rune)
    expect(Object.keys(plugin.actions)).toEqual(['shown'])
    await expect(callScript(plugin, 'hidden')).rejects.toMatchObject({ code: 'action.unknown' })
    await expect(callScript(plugin, 'inner::deep')).rejects.toMatchObject({ code: 'action.unknown' })
  })
})
