// A program floods its standard error, which costs it nothing and the host a turn for each piece: what is not read as fast as
// it is written waits at its writer.

import { expect, test } from 'vitest'
import { linux } from '../support/confined.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { obey, writeObeyingPlugin } from '../support/process-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

/** Writes for two seconds by the program's own clock, and returns how much was taken of it, bytes. */
const flood = (byte: number): string => `
  const bytes = Buffer.alloc(65536, ${byte})
  const until = Date.now() + 2000
  let taken = 0
  while (Date.now() < until) taken += await new Promise((resolve, reject) => fs.write(2, bytes, (error, count) => error ? reject(error) : resolve(count)))
  return taken`

test.runIf(linux)('words and empty lines are read within bounds, and the rest waits', async () => {
  await using workspace = await openWorkspace()
  await writeObeyingPlugin(workspace, 'loud')
  const lines: string[] = []
  await using host = await openWorkspaceHost(workspace, { log: { write: ({ message }) => void lines.push(message) } })
  // One second's worth in advance, what comes due in two, and what stands in the pipes; a busy machine takes longer. Unbounded,
  // it is hundreds of times as much.
  expect(await obey(host, 'loud', flood(0x78))).toBeLessThan(8 * 16 * 1024 * 1024)
  expect(await obey(host, 'loud', flood(0x0a))).toBeLessThan(8 * 1024 * 1024)
  expect(lines.at(-1)).toContain('dropped')
})
