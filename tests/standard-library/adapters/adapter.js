// Runs one case of the standard library in JavaScript: makes functions of the case's words, and says what came of it.

import { csv, graph, machine, paths, regex, text, time, workflow, yaml } from '@bulkhead/sdk/std'

const areas = { csv, graph, paths, regex, text, time, yaml }
const camelCase = (name) => name.replace(/_(.)/g, (_whole, letter) => letter.toUpperCase())
const tell = ({ code, message }) => ({ error: { code, message } })
const fail = (message) => {
  throw Object.assign(new Error(message), { code: 'test' })
}

const makeCallback = (words, log) =>
  words &&
  ((context, event) => {
    if (words.add) context[words.add[0]] += words.add[1]
    if (words.log) log.push(`${words.log} ${event.name} ${event.from}>${event.to}`)
    if (words.fail) fail(words.fail)
  })

const makeGuard = (words) =>
  words && ((context, event) => (words.least ? context[words.least[0]] >= words.least[1] : event.data === words.data))

const makeWay = (way, log) =>
  typeof way === 'string'
    ? way
    : { target: way.target, guard: makeGuard(way.guard), action: makeCallback(way.action, log) }

const makeState = ({ on = {}, entry, exit, final }, log) => ({
  on: Object.fromEntries(
    Object.entries(on).map(([event, choice]) => [
      event,
      Array.isArray(choice) ? choice.map((way) => makeWay(way, log)) : makeWay(choice, log),
    ]),
  ),
  entry: makeCallback(entry, log),
  exit: makeCallback(exit, log),
  final,
})

const runMachine = async ({ definition, steps }) => {
  const log = []
  const { states, transition, ...rest } = definition
  const defined = machine.define({
    ...rest,
    transition: makeCallback(transition, log),
    states: states && Object.fromEntries(Object.entries(states).map(([name, state]) => [name, makeState(state, log)])),
  })
  let running = defined.start()
  const step = async (one) => {
    if (one.kept !== undefined) return defined.persisted(one.kept).send(one.send, one.data)
    if (one.send !== undefined) return running.send(one.send, one.data)
    if (one.can !== undefined) return running.can(one.can, one.data)
    if (one.read !== undefined) return running[one.read]
    if (one.save !== undefined) return running.save()
    if (one.picture !== undefined) return one.picture === 'dot' ? defined.toDot() : defined.toMermaid()
    running = defined.start(one.restore)
    return null
  }
  const results = []
  for (const one of steps) {
    try {
      // As it is now: a machine changes what it shows.
      results.push(structuredClone(await step(one)))
    } catch (error) {
      results.push(tell(error))
    }
  }
  return { results, log }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const makeTask = ({ name, needs, run, retry, timeout_ms: timeoutMs, compensate, when }, log) => ({
  name,
  needs,
  timeoutMs,
  retry: retry && Object.fromEntries(Object.entries(retry).map(([key, value]) => [camelCase(key), value])),
  run:
    run &&
    (async ({ input, results, attempt }) => {
      if (run.log) log.push(name)
      if (run.sleep) await sleep(run.sleep)
      if (run.fail && attempt <= (run.times ?? 100)) fail(run.fail)
      if (run.collect) return run.collect.map((other) => results[other])
      return run.input ? input : run.give
    }),
  compensate:
    compensate &&
    (({ result }) => {
      if (compensate.fail) fail(compensate.fail)
      log.push(`undo ${name} ${result}`)
    }),
  when: when === undefined ? undefined : ({ input }) => input === when,
})

const runWorkflow = async ({ definition, options = {}, runs = 1, kept, picture }) => {
  const log = []
  const progress = []
  const defined = workflow.define({
    ...definition,
    tasks: definition.tasks.map((task) => makeTask(task, log)),
  })
  if (picture !== undefined) return { text: picture === 'dot' ? defined.toDot() : defined.toMermaid() }
  if (kept !== undefined) await host.kv.set(options.key, kept)
  let report
  for (let run = 0; run < runs; run++) {
    report = await defined.run({ ...options, progress: ({ task, status }) => progress.push(`${task} ${status}`) })
  }
  return { report, log, progress }
}

const runFunction = async ({ area, call, args }) => ({ value: (await areas[area][camelCase(call)](...args)) ?? null })

const kinds = { machine: runMachine, workflow: runWorkflow, function: runFunction }

export const run_case = async ({ given }) => {
  try {
    return await kinds[given.kind](given)
  } catch (error) {
    return tell(error)
  }
}
