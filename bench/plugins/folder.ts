// Writes the plugins that are measured to a temporary folder: one and the same for the tiers and the peers.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLargeModule } from './large-module.ts'
import { assembleAsks, assembleCounter, assembleEcho, assembleSpin } from './modules.ts'
import {
  asksJavaScript,
  echoJavaScript,
  echoLua,
  echoRune,
  echoTypeScript,
  graphJavaScript,
  hostileJavaScript,
  hostileLua,
  hostileRune,
  notesJavaScript,
} from './scripts.ts'

/** What a plugin is written in. */
export type PluginKind = 'JavaScript' | 'TypeScript' | 'Lua' | 'Rune' | 'wasm'

/** Sixteen bytes, as JSON. */
export const smallInput = '0123456789abcd'

type Code = string | Uint8Array
type Maker = (mark: string) => Code | Promise<Code>

/** By source and kind; a source that a kind lacks is a mistake of the scenario. */
const sources: Readonly<Record<string, Partial<Readonly<Record<PluginKind, Maker>>>>> = {
  echo: {
    JavaScript: echoJavaScript,
    TypeScript: () => echoTypeScript,
    Lua: echoLua,
    Rune: echoRune,
    wasm: assembleEcho,
  },
  asks: { JavaScript: () => asksJavaScript, wasm: assembleAsks },
  hostile: { JavaScript: () => hostileJavaScript, Lua: () => hostileLua, Rune: () => hostileRune, wasm: assembleSpin },
  graph: { JavaScript: () => graphJavaScript },
  counter: { wasm: assembleCounter },
  notes: { JavaScript: () => notesJavaScript },
  large: { wasm: makeLargeModule },
}

const entries: Readonly<Record<PluginKind, string>> = {
  JavaScript: 'index.js',
  TypeScript: 'index.ts',
  Lua: 'index.lua',
  Rune: 'index.rune',
  wasm: 'plugin.wasm',
}

/** The schemas through which a call of `echo` passes. */
const echoActions = `actions:
  echo: { description: Gives back what it gets., input: { type: string, maxLength: 100 }, output: { type: string } }
`

/** A plugin to write. */
export interface PluginToWrite {
  readonly name: string
  readonly kind: PluginKind
  readonly source?: 'echo' | 'asks' | 'hostile' | 'counter' | 'graph' | 'large' | 'notes'
  /** Keep state between calls. Default false: fresh state for each call. */
  readonly keepsState?: boolean
  /** Makes its code unlike that of the other plugins, so that nothing of it can be shared. */
  readonly mark?: string
}

/** A temporary folder for plugins and the host's state. */
export interface BenchFolder extends AsyncDisposable {
  readonly home: string
  /** The folder that holds the plugins' folders. */
  readonly plugins: string
  /** Writes a plugin; returns its folder. */
  write(plugin: PluginToWrite): Promise<string>
}

const manifest = ({ name, kind, source, keepsState }: Required<Omit<PluginToWrite, 'mark'>>): string => `manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution:
  tier: ${kind === 'wasm' ? 'wasm' : 'script'}
  entry: ${entries[kind]}
  isolation: ${keepsState ? 'per-plugin' : 'per-call'}
capabilities: ['bench.use', 'notes.read']
${source === 'echo' || source === 'large' ? echoActions : ''}`

/** Makes one. */
export const openBenchFolder = async (): Promise<BenchFolder> => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'))
  const home = join(folder, 'home')
  const plugins = join(folder, 'plugins')
  await mkdir(home, { mode: 0o700 })
  return {
    home,
    plugins,
    write: async ({ name, kind, source = 'echo', keepsState = false, mark = '' }) => {
      const make = sources[source]?.[kind]
      if (make === undefined) throw new Error(`there is no ${source} in ${kind}`)
      const path = join(plugins, name)
      await mkdir(path, { recursive: true })
      await writeFile(join(path, 'plugin.yaml'), manifest({ name, kind, source, keepsState }))
      await writeFile(join(path, entries[kind]), await make(mark))
      return path
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
