// Calls that each take their whole memory limit: what is done with must be freed, and what is kept for other users must
// not add up to many times the limit.

import { expect, test } from 'vitest'
import { callPlugin, type OpenPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const MiB = 2 ** 20
const bytes = wat(`(module (memory (export "memory") 1)
  (func (export "take") (drop (memory.grow (i32.const 1583)))
    (memory.fill (i32.const 0) (i32.const 255) (i32.const ${98 * MiB}))))`)

const peakWhile = async (run: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage.rss()
  let peak = 0
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss() - before)), 10)
  try {
    await run()
    return peak
  } finally {
    clearInterval(timer)
  }
}

const oneAfterAnother = async (open: OpenPlugin): Promise<void> => {
  for (let call = 0; call < 40; call++) await callPlugin(open, 'take', { context: { user: `u${call}` } })
}

test('instances of one call are freed', async () => {
  await using open = await openPlugin({ bytes })
  expect(await peakWhile(() => oneAfterAnother(open))).toBeLessThan(1300 * MiB)
})

test('calls beside each other leave nothing either', async () => {
  await using open = await openPlugin({ bytes })
  const calls = () => Promise.all(Array.from({ length: 40 }, () => callPlugin(open, 'take')))
  expect(await peakWhile(calls)).toBeLessThan(1300 * MiB)
})

test('kept instances of many users are bounded together', async () => {
  await using open = await openPlugin({ bytes, isolation: 'per-plugin' })
  expect(await peakWhile(() => oneAfterAnother(open))).toBeLessThan(1300 * MiB)
})
