// quickjs-emscripten, the usual way to run a stranger's JavaScript in Node. It shares one memory between contexts
// unless a new module is made; both are measured. Its memory and time limits do not hold, ours do.

import variant from '@jitl/quickjs-wasmfile-release-sync'
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSSyncVariant,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core'

/** Names in the table. */
export const quickJsName = {
  context: 'quickjs-emscripten, new context',
  module: 'quickjs-emscripten, new module',
} as const

/** A new module: the only way to a memory of its own. */
export const openQuickJs = (): Promise<QuickJSWASMModule> =>
  newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant)

/** Makes a context, evaluates the echo in it and calls it with `json`. */
export const echoInFreshContext = (module: QuickJSWASMModule, json: string): unknown => {
  using context = module.newContext()
  using echo = context.unwrapResult(context.evalCode('(json) => JSON.stringify(JSON.parse(json))'))
  using input = context.newString(json)
  using output = context.unwrapResult(context.callFunction(echo, context.undefined, input))
  return JSON.parse(context.getString(output))
}
