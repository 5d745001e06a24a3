import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BulkheadError, defaultLimits, type RuntimeCall, type RuntimeResult } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import type { Cell, CellOptions } from './cell.ts'
import { openCells } from './cells.ts'
import { openCompartments } from './compartment-count.ts'

const driverUrl = new URL('../fixtures/echo-driver.ts', import.meta.url)

const cellOptions = (over: Partial<CellOptions['artifact']> = {}, rest: Partial<CellOptions> = {}): CellOptions => ({
  boundary: 'thread',
  domain: 'test',
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

/** A cell that answers with a promise always, so that a test can look at how it ends. */
interface PromisingCell extends Cell {
  call(request: RuntimeCall): Promise<RuntimeResult>
}

/** A cell in compartments of its own, which go with it. */
const openCell = async (options: CellOptions): Promise<PromisingCell> => {
  const cells = openCells()
  try {
    const cell = await cells.open(options)
    return {
      actions: cell.actions,
      call: async (request) => cell.call(request),
      [Symbol.asyncDispose]: () => cells[Symbol.asyncDispose](),
    }
  } catch (thrown) {
    await cells[Symbol.asyncDispose]()
    throw thrown
  }
}

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
      expect(result).toEqual({
        output: { kind: 'value', payload: { json: '{"a":1}' } },
        memoryBytes: 65_536,
        cpuMs: expect.any(Number),
      })
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

test('loading is under a deadline as well', async () => {
  const before = openCompartments()
  const options = cellOptions({ entry: 'loop-at-load' }, { loadTimeoutMs: 1500 })
  await expect(openCell(options)).rejects.toMatchObject({ code: 'limit.time' })
  expect(openCompartments()).toBe(before)
})

test('large contents travel in chunks, both ways and beside each other', async () => {
  await using cell = await openCell(cellOptions({ config: { bytes: '5000000' } }))
  const json = JSON.stringify('å'.repeat(1_500_000))
  const blobs = [new Uint8Array(3_000_000).fill(1), new Uint8Array(10).fill(2)]
  const input = { kind: 'value', payload: { json, blobs } } as const
  const results = await Promise.all([
    cell.call(callOf('echo', { input })),
    cell.call(callOf('host', { input: { kind: 'value', payload: { json } } })),
    cell.call(callOf('big')),
  ])
  expect(results[0]?.output).toEqual(input)
  const reply = JSON.stringify({ ok: true, payload: { json } })
  expect(results[1]?.output).toEqual({ kind: 'value', payload: { json: reply } })
  expect(results[2]?.output).toEqual({ kind: 'raw', bytes: new Uint8Array(5_000_000).fill(7) })
})

test('an output beyond the limit is refused', async () => {
  await using cell = await openCell(cellOptions({ config: { bytes: '5000000' } }))
  const call = callOf('big')
  const context = { ...call.context, limits: { ...defaultLimits, outputBytes: 4_999_999 } }
  await expect(cell.call({ ...call, context })).rejects.toMatchObject({ code: 'limit.output' })
})

test('a compartment that dies fails its calls with plugin.crashed, and the next call gets a new one', async () => {
  await using cell = await openCell(cellOptions())
  await expect(cell.call(callOf('exit'))).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(cell.call(callOf('echo'))).resolves.toBeDefined()
})

test('of a death with calls of several plugins under way each is told how many may have caused it', async () => {
  await using cells = openCells({ threads: 1 })
  const [first, second] = [await cells.open(cellOptions()), await cells.open(cellOptions())]
  const suspects = (count: number) => ({ code: 'plugin.crashed', details: { suspects: count } })
  const running = Promise.resolve(first.call(callOf('nap'))).catch((thrown: unknown) => thrown)
  await expect(second.call(callOf('exit'))).rejects.toMatchObject(suspects(2))
  expect(await running).toMatchObject(suspects(2))
  await expect(second.call(callOf('exit'))).rejects.toMatchObject(suspects(1))
})

test('many cells of one thread that go at once are let go of, however long the thread takes', async () => {
  const before = openCompartments()
  const cells = openCells({ threads: 1 })
  const options = cellOptions({ config: { disposeMs: '90' } })
  const opened = await Promise.all([cells.open(options), cells.open(options), cells.open(options)])
  const [first, second] = opened as [Cell, Cell, Cell]
  // Longer than an ended call may take to unwind; the others must not lose their thread over it.
  const running = second.call(callOf('nap'))
  await first[Symbol.asyncDispose]()
  await expect(running).resolves.toBeDefined()
  expect(openCompartments()).toBe(before + 1)
  await cells[Symbol.asyncDispose]()
  expect(openCompartments()).toBe(before)
})

test('a cell whose thread does not let go of it is gone with its thread', async () => {
  const before = openCompartments()
  const cells = openCells({ threads: 1 })
  const stuck = await cells.open(cellOptions({ config: { disposeMs: '60000' } }))
  const other = await cells.open(cellOptions())
  await stuck[Symbol.asyncDispose]()
  // The other one gets a thread of its own.
  await expect(other.call(callOf('echo'))).resolves.toBeDefined()
  await cells[Symbol.asyncDispose]()
  expect(openCompartments()).toBe(before)
})

test('what loads on a thread that is ended for a neighbour’s call loads again on the next', async () => {
  await using cells = openCells({ threads: 1 })
  const neighbour = await cells.open(cellOptions())
  const loop = neighbour.call(callOf('loop', {}, 200))
  const [ended, loaded] = await Promise.allSettled([loop, cells.open(cellOptions())])
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'limit.time' } })
  if (loaded.status === 'rejected') throw loaded.reason
  await expect(loaded.value.call(callOf('echo'))).resolves.toBeDefined()
})

test('what a driver throws is typed and ends only its call', async () => {
  await using cell = await openCell(cellOptions())
  await expect(cell.call(callOf('throw'))).rejects.toMatchObject({ code: 'host.internal', message: 'driver fault' })
  await expect(cell.call(callOf('echo'))).resolves.toBeDefined()
})

test('per-plugin keeps an instance for each security context, per-call keeps none', async () => {
  const stateOf = async (isolation: 'per-call' | 'per-plugin'): Promise<[number, number][]> => {
    await using cell = await openCell(cellOptions({ isolation }))
    const states: [number, number][] = []
    for (const user of ['a', 'b', 'a']) {
      const call = callOf('state')
      const { output } = await cell.call({ ...call, context: { ...call.context, user } })
      if (output.kind !== 'value') throw new Error('not a value')
      const { instance, calls } = JSON.parse(output.payload.json) as { instance: number; calls: number }
      states.push([instance, calls])
    }
    return states
  }
  expect(await stateOf('per-plugin')).toEqual([
    [1, 1],
    [2, 1],
    [1, 2],
  ])
  expect(await stateOf('per-call')).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ])
})

test('after a call is cancelled, nothing of it reaches the host', async () => {
  await using cell = await openCell(cellOptions())
  const heard: string[] = []
  const controller = new AbortController()
  const call = callOf('late', {
    log: (_level, message) => void heard.push(message),
    dispatch: async (name) => {
      heard.push(name)
      return { ok: true, payload: { json: 'null' } }
    },
  })
  const pending = cell.call({ ...call, context: { ...call.context, signal: controller.signal } })
  setTimeout(() => controller.abort(), 50)
  await expect(pending).rejects.toMatchObject({ code: 'call.cancelled' })
  await expect(cell.call(callOf('echo'))).resolves.toBeDefined()
  expect(heard).toEqual([])
})

test('a call that waits for its turn ends with its own deadline, and too many are refused', async () => {
  await using cell = await openCell(
    cellOptions({ limits: { ...defaultLimits, concurrency: 1 } }, { boundary: 'inline' }),
  )
  const gate = Promise.withResolvers<void>()
  const dispatch: RuntimeCall['dispatch'] = async (_name, payload) => {
    await gate.promise
    return { ok: true, payload }
  }
  const first = cell.call(callOf('host', { dispatch }))
  await expect(cell.call(callOf('echo', {}, 50))).rejects.toMatchObject({ code: 'limit.time' })
  const waiting = Array.from({ length: 1000 }, () => cell.call(callOf('echo')))
  await expect(cell.call(callOf('echo'))).rejects.toMatchObject({ code: 'limit.concurrency' })
  gate.resolve()
  await expect(first).resolves.toBeDefined()
  await expect(Promise.all(waiting)).resolves.toHaveLength(1000)
})

test('a moved deadline is honoured: an approval stops the clock', async () => {
  await using cell = await openCell(cellOptions())
  const call = callOf('host', {
    dispatch: async (_name, payload) => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      return { ok: true, payload }
    },
  })
  let deadlineMs = performance.now() + 100
  const context = {
    ...call.context,
    get deadlineMs() {
      return deadlineMs
    },
  }
  setTimeout(() => {
    deadlineMs += 10_000
  }, 20)
  await expect(cell.call({ ...call, context })).resolves.toBeDefined()
})

test('closing a cell fails its calls and refuses further ones', async () => {
  const cell = await openCell(cellOptions())
  const pending = cell.call(callOf('loop'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closed = cell[Symbol.asyncDispose]()
  await expect(pending).rejects.toMatchObject({ code: 'plugin.crashed' })
  await closed
  await expect(cell.call(callOf('echo'))).rejects.toMatchObject({ code: 'host.closed' })
  await cell[Symbol.asyncDispose]()
})

test('an idle cell does not keep the process alive, a running call does', async () => {
  const source = `
    const { openCells } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)})
    const { defaultLimits } = await import('@bulkhead/kernel')
    const limits = { ...defaultLimits }
    const cell = await openCells().open({ boundary: 'thread', domain: 'test', driverUrl: new URL(${JSON.stringify(driverUrl.href)}), log() {},
      artifact: { name: 't', digest: 'd', entry: 'm', bytes: new Uint8Array(), modules: [], config: {}, functions: [],
        limits, isolation: 'per-call' } })
    await cell.call({ action: 'echo', input: { kind: 'raw', bytes: new Uint8Array() }, output: 'raw', log() {},
      dispatch: async () => ({ ok: true, payload: { json: '1' } }),
      context: { callId: 'c', principal: { id: 'p', name: 't', digest: 'd' }, chain: [], action: 'echo', limits,
        workspaceRoot: '/', deadlineMs: performance.now() + 9e6, signal: new AbortController().signal } })
    console.log('answered')`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@bulkhead/source', '--input-type=module', '-e', source],
    { cwd: fileURLToPath(new URL('.', import.meta.url)), timeout: 30_000 },
  )
  expect(stdout).toBe('answered\n')
})

test('a cell that is closed while it loads itself again runs no call any more', async () => {
  await using cells = openCells({ threads: 1 })
  const neighbour = await cells.open(cellOptions())
  const cell = await cells.open(cellOptions())
  await expect(neighbour.call(callOf('loop', {}, 50))).rejects.toMatchObject({ code: 'limit.time' })
  let hostCalls = 0
  const dispatch: RuntimeCall['dispatch'] = async (_name, payload) => {
    hostCalls++
    return { ok: true, payload }
  }
  await neighbour.call(callOf('echo'))
  const call = Promise.resolve(cell.call(callOf('host', { dispatch }))).catch((error: { code: string }) => error.code)
  await cell[Symbol.asyncDispose]()
  expect(await call).toBe('host.closed')
  expect(hostCalls).toBe(0)
})

test('why there can be no jail is told with what mends it', async () => {
  const hint = 'Install it.'
  const start = () => Promise.reject(new BulkheadError('sandbox.missing', 'there is no bwrap', { hint }))
  await using cells = openCells({ jails: { usualGuestBytes: 2 ** 30, start } })
  await expect(cells.open(cellOptions({}, { boundary: 'jail' }))).rejects.toMatchObject({
    code: 'sandbox.missing',
    hint,
  })
})
