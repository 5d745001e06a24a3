import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'
import type { RecordFilter, ShownRecord } from '../library.ts'

const record: ShownRecord = {
  id: 'a-1',
  time: Date.UTC(2026, 0, 31),
  type: 'capability_check',
  result: 'denied',
  plugin: 'weather',
  function: 'http.request',
  capabilities: ['network:GET https://evil.example/'],
  why: 'no grant covers it',
}
const watch = (records: readonly ShownRecord[]) => {
  const filters: (RecordFilter | undefined)[] = []
  async function* queryAudit(_home: string, filter?: RecordFilter): AsyncGenerator<ShownRecord> {
    filters.push(filter)
    yield* records
  }
  return { filters, library: { over: { queryAudit } } }
}

test('a line says when, who, what and why', async () => {
  const { out, exitCode } = await runWith(['audit'], { library: watch([record]).library })
  expect(exitCode).toBe(0)
  for (const text of [
    '2026-01-31T00:00:00.000Z',
    'denied',
    'weather',
    'http.request',
    'network:GET https://evil.example/',
    'no grant covers it',
  ]) {
    expect(out).toContain(text)
  }
})

test('a record that is of nothing but its type names it once', async () => {
  const { function: _function, why: _why, capabilities: _capabilities, ...rest } = record
  const { out } = await runWith(['audit'], { library: watch([{ ...rest, type: 'plugin_loaded' }]).library })
  expect(out.split('plugin_loaded')).toHaveLength(2)
})

test('filters reach the log', async () => {
  const { filters, library } = watch([])
  const flags = ['--plugin', 'w', '--denied', '--type', 'approval', '--since', '2026-01-31', '--call', 'c', '-n', '7']
  const result = await runWith(['audit', ...flags, '--json'], { library })
  expect(result.json()).toEqual({ ok: true, records: [] })
  expect(filters).toEqual([
    { plugin: 'w', result: 'denied', type: 'approval', since: Date.UTC(2026, 0, 31), callId: 'c', limit: 7 },
  ])
})

test('verify says what it proves, and what not', async () => {
  const { out, exitCode } = await runWith(['audit', 'verify'])
  expect(exitCode).toBe(0)
  expect(out).toContain('This proves\n  that')
  expect(out).toContain('This does not prove\n  this')
})

test('a log that does not verify: each problem with its place, exit code 3', async () => {
  const problem = { chain: 'c1', line: 3, message: 'record 3 was edited' }
  const over = {
    verifyAudit: async () => ({
      ok: false,
      chains: [{ chain: 'c1', records: 5 }],
      problems: [problem],
      notes: [],
      proves: [],
      doesNotProve: [],
    }),
  }
  const text = await runWith(['audit', 'verify'], { library: { over } })
  expect(text.exitCode).toBe(3)
  expect(text.out).toContain('✗ c1:3  record 3 was edited')
  const json = await runWith(['audit', 'verify', '--json'], { library: { over } })
  expect(json.json()).toMatchObject({ ok: false, problems: [problem], error: { code: 'audit.broken' } })
})
