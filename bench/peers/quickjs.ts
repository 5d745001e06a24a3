// quickjs-emscripten, the usual way to run a stranger's JavaScript in Node. It shares one memory between contexts
// unless a new module is made; both are measured. Its memory and time limits do not hold, ours do.

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import variant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'
import { engine } from '../kernels/engine.ts'

const usual = variant as unknown as QuickJSSyncVariant

/** A new module: the only way to a memory of its own. */
export const openQuickJs = (): Promise<QuickJSWASMModule> => newQuickJSWASMModuleFromVariant(usual)

/** Compiles once, and makes new modules of that. */
export const openCompiledQuickJs = async (): Promise<typeof openQuickJs> => {
  const bytes = await readFile(fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')))
  const wasmModule = new engine.Module(bytes) as never
  return () => newQuickJSWASMModuleFromVariant(newVariant(usual, { wasmModule }))
}

/** Makes a context, evaluates the echo in it and calls it with `json`. */
export const echoInFreshContext = (module: QuickJSWASMModule, json: string): unknown => {
  using context = module.newContext()
  using echo = context.unwrapResult(context.evalCode('(json) => JSON.stringify(JSON.parse(json))'))
  using input = context.newString(json)
  using output = context.unwrapResult(context.callFunction(echo, context.undefined, input))
  return JSON.parse(context.getString(output))
}
