// A plugin forges its stack so that its error happened in the last of many million empty lines. Whoever shows that line
// must not make a list of all of them: that lies on the thread's own heap, whose exhaustion ends the whole process.

import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = (root: string): string => `
  import { makeScriptRuntime } from '${root}packages/runtimes/script/src/runtime.ts'
  import { callScript, loadScript } from '${root}packages/runtimes/script/test/fixtures.ts'
  const runtime = makeScriptRuntime()
  const stack = '    at f (bulkhead:plugin:999999999:1)'
  const source = 'export const ok = () => "alive"; export const fail = () => { const e = new Error("x"); ' +
    'Object.defineProperty(e, "stack", { value: ' + JSON.stringify(stack) + ' }); throw e }' + '\\n'.repeat(97e6)
  const plugin = await loadScript(runtime, source, { entry: 'main.js' })
  const codes = new Set()
  for (let call = 0; call < 6; call++) await callScript(plugin, 'fail').catch(({ code }) => codes.add(code))
  console.log([...codes].join())
  console.log(await callScript(plugin, 'ok'))
  await runtime[Symbol.asyncDispose]()`

test('the process survives it, and so does the plugin', () => {
  const source = program(new URL('../../', import.meta.url).href)
  const args = ['--conditions=@bulkhead/source', '--input-type=module', '--eval', source]
  const { signal, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })
  expect({ signal, lines: stdout.trim().split('\n') }).toEqual({ signal: null, lines: ['plugin.failed', 'alive'] })
})
