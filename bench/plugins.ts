// The plugins that are measured, written to a temporary folder: one and the same echo for both tiers and the peers.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import wabt from 'wabt'

/** What a plugin is written in. */
export type PluginKind = 'JavaScript' | 'TypeScript' | 'wasm'

/** Sixteen bytes, as JSON. */
export const smallInput = '0123456789abcd'

/** Names of the host functions that the plugin `asks` calls, see scenarios/host-call.ts and waiting.ts. */
const asked = ['plain', 'read', 'write', 'wait'] as const

/** Host calls that one call of `plain`, `read` or `write` makes; `wait` makes one. */
export const hostCallsPerCall = 100

const echoJavaScript = 'export const echo = (input) => input\n'

const echoTypeScript = `import { defineAction, definePlugin } from '@bulkhead/sdk'

export default definePlugin({
  name: 'echo',
  version: '1.0.0',
  actions: { echo: defineAction({ description: 'Gives back what it gets.', run: (input: unknown) => input }) },
})
`

const asksJavaScript = asked
  .map((name) =>
    name === 'wait'
      ? `export const wait = () => host.bench.wait({})\n`
      : `export const ${name} = async () => { for (let i = 0; i < ${hostCallsPerCall}; i++) await host.bench.${name}({}) }\n`,
  )
  .join('')

/** Copies eight bytes a host call, as Extism PDKs do. */
const echoModule = `(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory (export "memory") 16)
  (func (export "echo") (result i32)
    (local $size i64) (local $to i64) (local $at i64)
    (local.set $size (call $input_length))
    (local.set $to (call $alloc (local.get $size)))
    (loop $next
      (if (i64.lt_u (local.get $at) (local.get $size)) (then
        (call $store_u64 (i64.add (local.get $to) (local.get $at)) (call $input_load_u64 (local.get $at)))
        (local.set $at (i64.add (local.get $at) (i64.const 8)))
        (br $next))))
    (call $output_set (local.get $to) (local.get $size))
    (i32.const 0)))`

const asksModule = `(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "free" (func $drop_block (param i64)))
${asked.map((name) => `  (import "extism:host/user" "bench_${name}" (func $${name} (param i64) (result i64)))`).join('\n')}
  (memory (export "memory") 16)
  (func $empty_object (result i64)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 2)))
    (call $store_u8 (local.get $block) (i32.const 123))
    (call $store_u8 (i64.add (local.get $block) (i64.const 1)) (i32.const 125))
    (local.get $block))
${asked
  .map(
    (name) => `  (func (export "${name}") (result i32)
    (local $left i32)
    (local.set $left (i32.const ${name === 'wait' ? 1 : hostCallsPerCall}))
    (loop $next
      (call $drop_block (call $${name} (call $empty_object)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 0))`,
  )
  .join('\n')})`

const assemble = async (text: string): Promise<Uint8Array> => {
  const parsed = (await wabt()).parseWat('bench.wat', text, {})
  try {
    return new Uint8Array(parsed.toBinary({}).buffer)
  } finally {
    parsed.destroy()
  }
}

/** The wasm echo, for the peers that take bytes. */
export const assembleEcho = (): Promise<Uint8Array> => assemble(echoModule)

const sources = {
  echo: { JavaScript: () => echoJavaScript, TypeScript: () => echoTypeScript, wasm: assembleEcho },
  asks: { JavaScript: () => asksJavaScript, TypeScript: () => asksJavaScript, wasm: () => assemble(asksModule) },
} as const

const entries: Readonly<Record<PluginKind, string>> = {
  JavaScript: 'index.js',
  TypeScript: 'index.ts',
  wasm: 'plugin.wasm',
}

/** A plugin to write. */
export interface PluginToWrite {
  readonly name: string
  readonly kind: PluginKind
  readonly source?: keyof typeof sources
  /** Keep state between calls. Default false: fresh state for each call. */
  readonly keepsState?: boolean
}

/** A temporary folder for plugins and the host's state. */
export interface BenchFolder extends AsyncDisposable {
  readonly home: string
  /** Writes a plugin; returns its folder. */
  write(plugin: PluginToWrite): Promise<string>
}

/** Makes one. */
export const openBenchFolder = async (): Promise<BenchFolder> => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  return {
    home,
    write: async ({ name, kind, source = 'echo', keepsState = false }) => {
      const path = join(folder, name)
      await mkdir(path, { recursive: true })
      await writeFile(
        join(path, 'plugin.yaml'),
        `manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution:
  tier: ${kind === 'wasm' ? 'wasm' : 'script'}
  entry: ${entries[kind]}
  isolation: ${keepsState ? 'per-plugin' : 'per-call'}
  limits: { concurrency: 1000 }
capabilities: ['bench.use']
`,
      )
      await writeFile(join(path, entries[kind]), await sources[source][kind]())
      return path
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
