// wasmoon, the usual way to run a stranger's Lua in Node. Its engines share one memory; the limits do not hold.

import { LuaFactory } from 'wasmoon'

/** Opens the module in which engines are made. */
export const openWasmoon = (): LuaFactory => new LuaFactory()

/** Makes an engine, evaluates the echo in it and calls it. */
export const echoInFreshEngine = async (factory: LuaFactory, text: string): Promise<unknown> => {
  const engine = await factory.createEngine()
  try {
    const echo = (await engine.doString('return function(text) return text end')) as (text: string) => unknown
    return echo(text)
  } finally {
    engine.global.close()
  }
}
