// The usual QuickJS build, as it is and metered, each in a module of its own, with a few scripts that only compute.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'
import type { ScriptKernel } from '../goals.ts'
import { engine, meter, meterImports, type WasmImports, type WasmInstance } from './engine.ts'

/** Each is an expression that gives a function. */
const scripts: Readonly<Record<ScriptKernel, string>> = {
  fib: '(() => { const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); return () => fib(22) })()',
  sieve: `() => {
    const composite = new Uint8Array(30000)
    let count = 0
    for (let at = 2; at < composite.length; at++) {
      if (composite[at]) continue
      count++
      for (let multiple = at + at; multiple < composite.length; multiple += at) composite[multiple] = 1
    }
    return count
  }`,
  json: `() => {
    const rows = Array.from({ length: 500 }, (_, id) => ({ id, name: 'row number ' + id, tags: ['red', 'green'], on: true }))
    return JSON.stringify(JSON.parse(JSON.stringify(rows)).sort((a, b) => b.id - a.id)).length
  }`,
}

/** Runs of one interpreter by script. */
export type ScriptRuns = Readonly<Record<ScriptKernel, () => number>>

/** How Emscripten's glue lets others make the instance. */
type Instantiate = (imports: WasmImports, done: (instance: WasmInstance) => void) => object

const instantiateMetered = async (): Promise<Instantiate> => {
  const path = fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))
  const metered = meter(await readFile(path), { fuel: false })
  return (imports, done) => {
    const instance = new engine.Instance(new engine.Module(metered.bytes), { ...imports, ...meterImports(metered) })
    if (metered.startExport !== undefined) (instance.exports[metered.startExport] as () => void)()
    done(instance)
    return instance.exports
  }
}

const runsIn = (context: QuickJSContext): ScriptRuns => {
  const run = (source: string): (() => number) => {
    const compiled = context.unwrapResult(context.evalCode(source))
    return () => {
      using result = context.unwrapResult(context.callFunction(compiled, context.undefined))
      return context.getNumber(result)
    }
  }
  return Object.fromEntries(
    Object.entries(scripts).map(([name, source]) => [name, run(source)]),
  ) as unknown as ScriptRuns
}

/** Opens an interpreter that lives as long as the process. */
export const openInterpreter = async ({ metered }: { readonly metered: boolean }): Promise<ScriptRuns> => {
  const base = variant as unknown as QuickJSSyncVariant
  const chosen = metered
    ? newVariant(base, { emscriptenModule: { instantiateWasm: (await instantiateMetered()) as never } })
    : base
  return runsIn((await newQuickJSWASMModuleFromVariant(chosen)).newContext())
}
