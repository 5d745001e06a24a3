// Sources that are made to hang, fill or kill the bundler's process, which all plugins of the program share.

import { afterAll, expect, test } from 'vitest'
import { runBundler } from '../../packages/bundle/src/bundler-process-node.ts'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const good = 'export const ok = (): string => "alive"'
const expectAlive = async (): Promise<void> => {
  await using plugin = await loadScript(runtime, good)
  expect(await callScript(plugin, 'ok')).toBe('alive')
}

/** An enum whose last member is as many bytes as `2 ** doublings` times 16: esbuild computes it. */
const doublingEnum = (doublings: number): string => {
  const members = Array.from({ length: doublings }, (_, index) => `B${index + 1} = B${index} + B${index}`)
  return `enum E { B0 = "0123456789abcdef", ${members.join(', ')} }; export const a = E.B${doublings}`
}

test('sources that overflow the stack of the bundler fail alone: others load beside it and after it', async () => {
  const nested = `export const a = ${'['.repeat(1_000_000)}`
  const [evil] = await Promise.allSettled([loadScript(runtime, nested), expectAlive()])
  expect(evil).toMatchObject({ status: 'rejected', reason: { code: 'artifact.compile' } })
  await expectAlive()
})

test.runIf(process.platform === 'linux')('a bundle that takes too much memory is stopped', async () => {
  const stdin = { contents: doublingEnum(23), loader: 'ts' as const }
  const bounds = { maxMs: 20_000, maxMemoryBytes: 128 * 1024 * 1024 }
  await expect(runBundler({ stdin, write: false, logLevel: 'silent' }, bounds)).rejects.toMatchObject({
    code: 'artifact.compile',
    message: expect.stringContaining('memory'),
  })
  await expectAlive()
})

test('a bundle that takes too long is stopped', async () => {
  const stdin = { contents: 'export const a = 1', loader: 'ts' as const }
  const never = {
    name: 'never',
    setup: (builder: { onEnd(run: () => Promise<void>): void }) => builder.onEnd(() => new Promise(() => undefined)),
  }
  const bounds = { maxMs: 200, maxMemoryBytes: Number.POSITIVE_INFINITY }
  await expect(runBundler({ stdin, write: false, plugins: [never] }, bounds)).rejects.toMatchObject({
    code: 'artifact.compile',
    message: expect.stringContaining('200 ms'),
  })
  await expectAlive()
})
