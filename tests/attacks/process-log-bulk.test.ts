// A program fills the host's log: with long lines of its calls, few enough to be taken by their number, and on standard error
// with short ones that come to next to nothing by their length.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { processWire } from '../support/process-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const manifest = `manifest: 1
name: loud
version: 1.0.0
type: tool
execution: { tier: process, protocol: jsonrpc, entry: main.mjs, isolation: per-plugin, limits: { memory: 200MiB } }
actions: { fill: {}, scream: {} }
`
const program = `import fs from 'node:fs'
const actions = {
  fill: (count, callId) => {
    const params = { level: 'info', message: 'x'.repeat(8000), callId }
    for (let n = 0; n < count; n++) send({ method: 'log', params })
    return 'done'
  },
  scream: (count) => (fs.writeSync(2, 'x\\n'.repeat(count)), 'done'),
}
${processWire}`

const openLoud = async () => {
  await using opened = new AsyncDisposableStack()
  const workspace = opened.use(await openWorkspace())
  await workspace.write('plugins/loud/plugin.yaml', manifest)
  await workspace.write('plugins/loud/main.mjs', program)
  const lines: { readonly message: string; readonly callId?: string }[] = []
  const log = { write: (line: (typeof lines)[number]) => void lines.push(line) }
  const host = opened.use(await openHost({ home: workspace.home, plugins: [`${workspace.path}/plugins`], log }))
  const resources = opened.move()
  return { host, lines, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

test.runIf(linux)('the lines of a call come to an end, and the next call has its own', async () => {
  await using open = await openLoud()
  for (let call = 0; call < 2; call++) {
    open.lines.length = 0
    expect(await open.host.call('loud', 'fill', 600)).toBe('done')
    const last = open.lines.pop()
    expect(last?.message).toBe('further log lines of this call are dropped')
    expect(new Set(open.lines.map(({ callId }) => callId))).toEqual(new Set([last?.callId]))
    const size = open.lines.reduce((sum, { message }) => sum + message.length, 0)
    expect(size).toBeGreaterThan(900_000)
    expect(size).toBeLessThanOrEqual(1024 * 1024)
  }
})

test.runIf(linux)('short lines on standard error come to an end as well', async () => {
  await using open = await openLoud()
  expect(await open.host.call('loud', 'scream', 60_000)).toBe('done')
  await expect.poll(() => open.lines.at(-1)?.message).toBe('further log lines outside of calls are dropped')
  expect(open.lines.length).toBeGreaterThan(10_000)
  expect(open.lines.length).toBeLessThanOrEqual((1024 * 1024) / 64)
})
