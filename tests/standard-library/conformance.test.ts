// One table of cases, every language: what differs from the table, and so from another language, fails.

import { readFile } from 'node:fs/promises'
import type { Host } from '@bulkhead/host'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'
import type { LibraryCase } from './cases/case.ts'
import { computationCases } from './cases/computations.ts'
import { keptWorkflowCases } from './cases/kept-workflows.ts'
import { machineCases } from './cases/machines.ts'
import { textCases } from './cases/texts.ts'
import { workflowCases } from './cases/workflows.ts'

const cases: readonly LibraryCase[] = [
  ...textCases,
  ...computationCases,
  ...machineCases,
  ...workflowCases,
  ...keptWorkflowCases,
]
/** Each with its ending and its tier: JavaScript runs in the interpreter, and in a Node process as well. */
const languages = {
  javascript: ['js', 'script'],
  lua: ['lua', 'script'],
  rune: ['rune', 'script'],
  node: ['js', 'process'],
} as const

let workspace: Workspace
let host: Host
beforeAll(async () => {
  workspace = await openWorkspace()
  for (const [language, [ending, tier]] of Object.entries(languages)) {
    const source = await readFile(new URL(`adapters/adapter.${ending}`, import.meta.url))
    await workspace.write(`plugins/${language}/adapter.${ending}`, source)
    await workspace.write(
      `plugins/${language}/plugin.yaml`,
      `manifest: 1
name: ${language}
version: 1.0.0
type: tool
execution: { tier: ${tier}, entry: adapter.${ending} }
permissions: { storage: true }
`,
    )
  }
  host = await openWorkspaceHost(workspace, {
    policy: {
      boundary: 'thread',
      grants: Object.fromEntries(Object.keys(languages).map((language) => [language, ['storage']])),
    },
  })
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
  await workspace[Symbol.asyncDispose]()
})

describe.each(Object.keys(languages))('%s', (language) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { expect: wanted, ...given } = one
    const got = await host.call(language, 'run_case', { given })
    if ('error' in wanted) {
      expect(got).toMatchObject(wanted)
      return
    }
    for (const [part, value] of Object.entries(wanted)) {
      expect((got as Record<string, unknown>)[part], JSON.stringify(got)?.slice(0, 500)).toEqual(value)
    }
  })
})
