// Guests that never end of themselves are called with a deadline, over and over, while another plugin on the same thread
// answers calls without a break. How long after the deadline each is off the thread, and what the other plugin lost.

import { setTimeout as sleep } from 'node:timers/promises'
import { BulkheadError, type Host, openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals, goalsOf, type Hostile, hostiles } from '../goals.ts'
import { percentile, sorted } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { assembleSpin } from '../plugins/modules.ts'
import { sized } from '../quick.ts'

const deadlineMs = 20
const samples = 200
/** The peer's deadline holds for starting a thread as well, which it does after each call that it stops. */
const peerDeadlineMs = 500
const peerSamples = 12
/** Where a thread of the peer does not start in time, its call never ends. */
const peerPatienceMs = 5000

const actions: Readonly<Record<Hostile, { readonly plugin: string; readonly action: string }>> = {
  'wasm: a loop': { plugin: 'spinning', action: 'spin' },
  'JavaScript: for (;;)': { plugin: 'script', action: 'loop' },
  'JavaScript: sort': { plugin: 'script', action: 'sort' },
  'JavaScript: indexOf in 2^31 elements': { plugin: 'script', action: 'indexOf' },
  'JavaScript: a regular expression that explodes': { plugin: 'script', action: 'regexp' },
}

/** What is stopped, and how one tells that it was. */
interface Endless {
  readonly deadlineMs: number
  call(): Promise<unknown>
  isStop(thrown: unknown): boolean
}

/** How long after the deadline it ends, ms. @throws Error when it ends otherwise */
const overshoot = async ({ call, isStop, deadlineMs: afterMs }: Endless): Promise<number> => {
  const startedAt = performance.now()
  try {
    await call()
  } catch (thrown) {
    if (!isStop(thrown)) throw thrown
    return performance.now() - startedAt - afterMs
  }
  throw new Error('a call that never ends has ended')
}

/** The other plugin: counts its calls in its own memory, so that a lost instance shows. */
class Bystander {
  readonly #host: Host
  readonly #id: string
  readonly #taken: number[] = []
  #counted = 0n
  #isOver = false
  lost = 0

  constructor(host: Host, id: string) {
    this.#host = host
    this.#id = id
  }

  /** Calls until {@link stop}. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      const startedAt = performance.now()
      try {
        const { output } = await this.#host.invokeRaw(this.#id, 'count', new Uint8Array(0))
        const count = new DataView(output.buffer, output.byteOffset).getBigUint64(0, true)
        if (count !== this.#counted + 1n) this.lost++
        this.#counted = count
      } catch {
        this.lost++
      }
      this.#taken.push(performance.now() - startedAt)
    }
  }

  stop(): void {
    this.#isOver = true
  }

  /** Wall time of its calls, ms. */
  get taken(): readonly number[] {
    return sorted(this.#taken)
  }
}

const measurePeer = async (): Promise<readonly number[]> => {
  await using extism = await openExtism(await assembleSpin(), 'thread', { timeoutMs: peerDeadlineMs })
  const endless: Endless = {
    deadlineMs: peerDeadlineMs,
    call: () => extism.call('spin', ''),
    isStop: (thrown) => String(thrown).includes('timeout'),
  }
  const taken: number[] = []
  for (let turn = 0; turn < sized(peerSamples, 3); turn++) {
    const over = await Promise.race([overshoot(endless), sleep(peerPatienceMs, undefined)])
    if (over === undefined) break
    taken.push(over)
  }
  return sorted(taken)
}

/** See the file's head. */
export const measureStops = async (): Promise<readonly Measure[]> => {
  const peer = await measurePeer()
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, threads: 1, policy: { boundary: 'thread' } })
  await host.loadPlugin(await folder.write({ name: 'spinning', kind: 'wasm', source: 'hostile' }))
  await host.loadPlugin(await folder.write({ name: 'script', kind: 'JavaScript', source: 'hostile' }))
  const counter = await folder.write({ name: 'bystander', kind: 'wasm', source: 'counter', keepsState: true })
  const bystander = new Bystander(host, (await host.loadPlugin(counter)).id)
  const running = bystander.run()
  const measures: Measure[] = []
  for (const hostile of hostiles) {
    const { plugin, action } = actions[hostile]
    const endless: Endless = {
      deadlineMs,
      call: () => host.call(plugin, action, null, { timeoutMs: deadlineMs }),
      isStop: (thrown) => thrown instanceof BulkheadError && thrown.code === 'limit.time',
    }
    const taken: number[] = []
    for (let turn = 0; turn < sized(samples, 5); turn++) taken.push(await overshoot(endless))
    const over = sorted(taken)
    const peersAt = (share: number) =>
      plugin === 'spinning' ? { peers: { [peerNames.extismThread]: percentile(peer, share) } } : {}
    const name = `stopped after the deadline, p50, ${hostile}`
    measures.push(
      ...compare({ name, unit: 'ms', ours: percentile(over, 0.5), ...peersAt(0.5) }),
      ...judge(goalsOf.stop[hostile], { ours: percentile(over, 0.99), ...peersAt(0.99) }),
    )
  }
  bystander.stop()
  await running
  const { taken, lost } = bystander
  return [
    ...measures,
    ...judge(goals.bystander, { ours: lost }),
    ...compare({ name: 'calls of another plugin on that thread meanwhile', unit: 'calls', ours: taken.length }),
    ...compare({
      name: 'a call of another plugin on that thread meanwhile, p50',
      unit: 'ms',
      ours: percentile(taken, 0.5),
    }),
    ...compare({
      name: 'a call of another plugin on that thread meanwhile, p99',
      unit: 'ms',
      ours: percentile(taken, 0.99),
    }),
  ]
}
