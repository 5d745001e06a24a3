// Every text that a plugin's author chose, in every command, on a terminal: nothing in it may steer the terminal or
// pose as our own lines.

import { BulkheadError } from '@bulkhead/host/terms'
import { expect, test } from 'vitest'
import { makeStatus } from './fake-status.ts'
import { type FakeLibraryOptions, runWith } from './fakes.ts'

const evil = 'x\u001b[2J\u001b]52;c;aGk=\u0007\u009b31m\u202e\u200b\u2028\rerror: ours'
const base = makeStatus()
const status = makeStatus({
  manifest: {
    ...base.manifest,
    version: evil,
    description: evil,
    author: evil,
    license: evil,
    homepage: evil,
    asks: [{ capability: evil, reason: evil, optional: true }],
    denies: [evil],
    execution: { ...base.manifest.execution, entry: evil },
  },
  path: `/p/${evil}`,
  principal: evil,
  grants: [evil],
  warnings: [evil],
  lastError: { code: 'plugin.failed', message: evil, hint: evil },
  actions: {
    [evil]: {
      description: evil,
      input: { type: 'object', properties: { [evil]: { enum: [evil] } } },
      output: { type: evil },
    },
  },
})
const fault = { file: evil, line: 1, field: evil, message: evil, mend: evil }
const record = {
  id: evil,
  time: 0,
  type: evil,
  result: 'denied' as const,
  plugin: evil,
  function: evil,
  capabilities: [evil],
  why: evil,
}

const library: FakeLibraryOptions = {
  plugins: [status],
  skipped: [{ path: evil, error: { code: 'manifest.invalid', message: evil, hint: evil } }],
  answer: (_call, options) => {
    options.log?.write({ time: 0, level: 'error', plugin: evil, message: evil })
    return { [evil]: [evil] }
  },
  over: {
    inspectPlugin: async () => ({
      path: evil,
      manifest: status.manifest,
      digest: evil,
      faults: [fault],
      warnings: [evil],
    }),
    checkPlugin: async () => ({
      path: evil,
      manifest: status.manifest,
      faults: [fault],
      warnings: [evil],
      diagnostics: [
        { severity: 'error', file: evil, message: evil, frame: evil },
        { severity: 'warning', file: evil, message: evil },
      ],
      actions: status.actions,
    }),
    runDoctor: async () => [{ name: evil, status: 'fail', detail: evil, hint: evil }],
    previewTrust: async () => ({ path: evil, digest: 'ab', files: [evil] }),
    trustFolder: async () => ({ path: evil, digest: 'ab', files: [evil] }),
    listTrusted: async () => [{ path: evil, digest: evil, at: evil }],
    async *queryAudit() {
      yield record
    },
    verifyAudit: async () => ({
      ok: false,
      chains: [{ chain: evil, records: 1 }],
      problems: [{ chain: evil, line: 1, message: evil }],
      notes: [evil],
      proves: [evil],
      doesNotProve: [evil],
    }),
  },
}

/** Characters that a terminal obeys, hides or reorders; the line feeds are our own. */
const steering = /[^\P{C}\n]|[\u2028\u2029]/u

const commandLines = [
  ['run', 'text-tools', 'go'],
  ['run', evil, 'go'],
  ['run', './text-tools'],
  ['list'],
  ['show', 'text-tools'],
  ['validate', './x'],
  ['new', evil, '-l', 'lua'],
  ['trust'],
  ['trust', '--list'],
  ['audit'],
  ['audit', 'verify'],
  ['doctor'],
  [evil],
  ['run', 'x', `--${evil}`],
]

test.each(commandLines.flatMap((argv) => [argv, [...argv, '--json']]))('%j %s %s', async (...argv) => {
  const words = argv.filter((word): word is string => word !== undefined)
  const { out, err } = await runWith(words, { library, io: { tty: true, answers: ['no'], columns: 120 } })
  expect(`${out}${err}`).not.toBe('')
  expect(out).not.toMatch(steering)
  expect(err).not.toMatch(steering)
  for (const line of `${out}\n${err}`.split('\n')) expect(line).not.toMatch(/^error: ours/)
})

test('an error of a plugin is escaped as well', async () => {
  const answer = () => {
    const frame = `3 | ${evil}\nerror: ours\nhint: theirs`
    throw new BulkheadError('plugin.failed', `${evil}\nhint: run this`, { hint: 'ours', details: { frame } })
  }
  const { err } = await runWith(['run', 'text-tools', 'go'], { library: { answer } })
  expect(err).not.toMatch(steering)
  expect(err).toContain('  3 | x·[2J·]52;c;aGk=··31m····error: ours\n')
  expect(err.match(/^error:/gm)).toHaveLength(1)
  expect(err.match(/^hint: .*/gm)).toEqual(['hint: ours'])
})
