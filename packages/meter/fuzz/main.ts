// Runs the fuzzers for some minutes: `node --conditions=@bulkhead/source packages/meter/fuzz/main.ts --minutes 10 --seed 1`.
// Prints each finding as one line of JSON, the counts each minute, and ends with 1 when anything was found.

import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { type Finding, makeTally, type Oracle, type Tally } from './report.ts'

/** A seed that takes longer hangs: the meter did not end a guest, or does not end itself. */
const patienceMs = 30_000
const mostFindings = 20

interface Message {
  readonly oracle?: Oracle
  readonly seed?: number
  readonly finding?: Finding
  readonly tally?: Tally
  readonly next?: number
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 30) },
  },
})
const endsAt = Date.now() + Number(values.minutes) * 60_000
const findings: Finding[] = []
let total = makeTally()

const say = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`)
}

const found = (finding: Finding): void => {
  findings.push(finding)
  say(`finding ${JSON.stringify({ ...finding, bytes: Buffer.from(finding.bytes).toString('base64') })}`)
}

/** Runs a lane until time is up or it hangs; answers the seed to go on with. */
const runLane = async (first: number): Promise<number> => {
  const before = total
  const worker = new Worker(new URL('lane.ts', import.meta.url), { workerData: { first } })
  let at: Message = { seed: first }
  let next = first
  let lastSign = Date.now()
  worker.on('message', (message: Message) => {
    lastSign = Date.now()
    if (message.oracle !== undefined) at = message
    if (message.finding !== undefined) found(message.finding)
    if (message.tally !== undefined) total = sum(before, message.tally)
    next = message.next ?? next
  })
  let failure: unknown
  worker.on('error', (error) => {
    failure = error
  })
  while (Date.now() < endsAt && findings.length < mostFindings && failure === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 250))
    if (Date.now() - lastSign < patienceMs) continue
    failure = `hangs for more than ${patienceMs / 1000} seconds`
  }
  await worker.terminate()
  if (failure === undefined) return next
  const { oracle = 'differential', seed = first } = at
  found({ oracle, seed, what: String(failure), bytes: new Uint8Array() })
  return next + 1
}

const sum = (left: Tally, right: Tally): Tally => {
  const both = makeTally()
  for (const key of Object.keys(both) as (keyof Tally)[]) both[key] = left[key] + right[key]
  return both
}

let seed = Number(values.seed)
say(`from seed ${seed}, for ${values.minutes} minutes`)
const clock = setInterval(() => say(JSON.stringify(total)), 60_000)
while (Date.now() < endsAt && findings.length < mostFindings) seed = await runLane(seed)
clearInterval(clock)
say(`done: seeds ${values.seed} to ${seed - 1}, ${JSON.stringify(total)}, ${findings.length} findings`)
process.exitCode = findings.length > 0 ? 1 : 0
