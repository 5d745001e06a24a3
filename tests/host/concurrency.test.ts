// 200 calls at once over 20 plugins of both tiers: all answered, no context mixed up, nothing left behind.

import { defineHostFunction, openHost } from '@bulkhead/host'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { askModule, echoModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length
const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length
const workers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length

test('200 concurrent calls over 20 plugins are all answered in their own context', async () => {
  const whoami = defineHostFunction({
    name: 'test.whoami',
    input: z.strictObject({ wait: z.number().optional() }),
    output: z.object({ plugin: z.string(), user: z.string() }),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }, { call }) => {
      await new Promise((resolve) => setTimeout(resolve, input.wait ?? 5))
      return { plugin: call.principal.name, user: call.user ?? '' }
    },
  })
  await using workspace = await openWorkspace()
  for (let index = 0; index < 10; index++) {
    await workspace.write(
      `plugins/script-${index}.js`,
      `let seen = 0
       export async function ask({ n }) { seen++; const who = await host.test.whoami({ wait: n % 7 }); return { ...who, n, seen } }`,
    )
    await workspace.write(`plugins/asking-${index}.wasm`, await askModule('test_whoami', '{}'))
  }
  const open = () =>
    openHost({
      home: workspace.home,
      workspaceRoot: workspace.path,
      plugins: [`${workspace.path}/plugins`],
      functions: [whoami],
    })

  // The first round fills caches (compiled code, thread pools of the process) that are not ours to free.
  await (async () => {
    await using host = await open()
    await host.call('script-0', 'ask', { n: 0 })
    await host.call('asking-0', 'ask')
  })()
  const before = { files: await openFiles(), threads: await threads(), workers: workers() }

  await (async () => {
    await using host = await open()
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        const user = `user-${n}`
        const name = n % 2 === 0 ? `script-${(n / 2) % 10}` : `asking-${((n - 1) / 2) % 10}`
        return { n, name, user, answer: (await host.call(name, 'ask', { n }, { user })) as Record<string, unknown> }
      }),
    )
    expect(answers).toHaveLength(200)
    for (const { n, name, user, answer } of answers) {
      if (n % 2 === 0) expect(answer).toEqual({ plugin: name, user, n, seen: 1 })
      else expect(answer).toEqual({ ok: { plugin: name, user } })
    }
  })()

  await expect.poll(threads, { timeout: 10_000 }).toBeLessThanOrEqual(before.threads)
  await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(before.files)
  await expect.poll(workers, { timeout: 10_000 }).toBeLessThanOrEqual(before.workers)
})

test('rounds of loading, calling and closing do not grow the process', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('plugins/script.js', 'export const size = ({ data }) => data.length')
  await workspace.write('plugins/echo.wasm', await echoModule())
  const round = async (): Promise<void> => {
    await using host = await openHost({
      home: workspace.home,
      workspaceRoot: workspace.path,
      plugins: [`${workspace.path}/plugins`],
    })
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        n % 2 === 0
          ? host.call('script', 'size', { data: 'x'.repeat(10_000) })
          : host.invokeRaw('echo', 'echo', new Uint8Array(10_000)),
      ),
    )
  }
  const residentAfter = async (rounds: number): Promise<number> => {
    for (let index = 0; index < rounds; index++) await round()
    globalThis.gc?.()
    return process.memoryUsage.rss()
  }
  const early = await residentAfter(5)
  const late = await residentAfter(15)
  // A leaked thread or instance costs several MiB a round; 15 rounds of that would be far above this.
  expect(late - early).toBeLessThan(60 * 1024 * 1024)
})
