import { defaultLimits, type RuntimeCall } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { type CellOptions, openCell } from './cell.ts'
import { openCompartments } from './compartment.ts'

const driverUrl = new URL('../fixtures/echo-driver.ts', import.meta.url)

const cellOptions = (over: Partial<CellOptions['artifact']> = {}, rest: Partial<CellOptions> = {}): CellOptions => ({
  boundary: 'thread',
  driverUrl,
  artifact: {
    name: 'test',
    digest: 'd',
    entry: 'main',
    bytes: new Uint8Array(),
    modules: [],
    config: {},
    functions: [],
    limits: defaultLimits,
    isolation: 'per-call',
    ...over,
  },
  log: () => undefined,
  ...rest,
})

const callOf = (action: string, over: Partial<RuntimeCall> = {}, wallMs = 20_000): RuntimeCall => ({
  action,
  input: { kind: 'value', payload: { json: '{"a":1}' } },
  output: 'value',
  context: {
    callId: 'c1',
    principal: { id: 'p', name: 'test', digest: 'd' },
    chain: [],
    action,
    workspaceRoot: '/',
    deadlineMs: performance.now() + wallMs,
    limits: defaultLimits,
    signal: new AbortController().signal,
  },
  dispatch: async (_name, payload) => ({ ok: true, payload }),
  log: () => undefined,
  ...over,
})

test.for(['thread', 'inline'] as const)(
  'a call is answered in boundary %s, and nothing is left open',
  async (boundary) => {
    const before = openCompartments()
    {
      await using cell = await openCell(cellOptions({}, { boundary }))
      expect(cell.actions).toEqual({ echo: { description: 'Gives its input back.' } })
      const result = await cell.call(callOf('echo'))
      expect(result).toEqual({ output: { kind: 'value', payload: { json: '{"a":1}' } }, memoryBytes: 65_536 })
      const host = await cell.call(callOf('host'))
      expect(host.output).toEqual({
        kind: 'value',
        payload: { json: JSON.stringify({ ok: true, payload: { json: '{"a":1}' } }) },
      })
      expect(openCompartments()).toBe(before + 1)
    }
    expect(openCompartments()).toBe(before)
  },
)

test('a call that loops ends with limit.time, and the next is answered', async () => {
  await using cell = await openCell(cellOptions())
  await expect(cell.call(callOf('loop', {}, 200))).rejects.toMatchObject({ code: 'limit.time' })
  await expect(cell.call(callOf('echo'))).resolves.toBeDefined()
})
