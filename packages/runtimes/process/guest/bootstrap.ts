// Runs in Node, in the sandbox, before the plugin: takes the wire, lays the globals of the script tier, evaluates the plugin's
// module and calls its actions. It speaks the dialect of docs/reference/process-protocol.md, and holds no authority: all that
// leads out are requests to the host. Its arguments are the areas of the context.

import { describeFailure } from '../../../bundle/guest/failure.ts'
import { describeActions, findAction } from '../../../bundle/guest/plugin-shape.ts'
import { makeTimers } from '../../../bundle/guest/timers.ts'
import { pluginFileName } from '../../../bundle/src/answers/plugin-file-name.ts'
import { type Host, type HostBridge, makeContext, makeHost } from '../../../sdk/src/host.ts'
import { excessOf } from './bounds.ts'
import { layGlobals, makeLog } from './globals.ts'
import { type Answer, HostCalls } from './host-calls.ts'
import { takeLines } from './lines.ts'
import { importPlugin } from './module.ts'
import { type Outcome, writeOutcome } from './outcome.ts'
import { decodeMessage, encodeValue } from './values.ts'

/** What the host asks of us. */
interface Request {
  readonly id?: string
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

interface Initialize {
  readonly protocolVersion: { readonly oldest: number; readonly newest: number }
  readonly plugin: { readonly name: string; readonly version: string }
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
  readonly limits: HostCalls['bounds']
}

/** A module that was evaluated. */
interface Module {
  readonly exports: Record<string, unknown>
}

/** The call that asks what actions there are. Its id is the host's, so that no name of an action is taken. */
const describeCall = 'bulkhead:describe'
const protocolVersion = 1
const rpcCodes = { methodNotFound: -32_601, failed: -32_000, noCommonVersion: -32_001 } as const
/** Frames of a trace, as many as the host shows. */
const traceLength = 30
/** Turns of the event loop after which what still waits for nothing waits for ever. */
const idleTurns = 3

const { stringify } = JSON
const { exit } = process
const soon = setImmediate
const [startTimer, stopTimer] = [setTimeout, clearTimeout]
const areas = process.argv.slice(2) as unknown as HostBridge['areas']

let callId: string | undefined
/** Ends the wait for the action, or the module, that runs. */
let giveUp: ((outcome: Outcome) => void) | undefined
let module: Promise<Module | Outcome> | undefined
let host: Host

const lines = takeLines(
  (line) => hear(decodeMessage(line) as Request | Answer),
  () => exit(0),
)
const hostCalls = new HostCalls((json) => lines.write(json))
const running = new Map<number, NodeJS.Timeout>()
const timers = makeTimers({
  startTimer: (id, ms) => {
    stopTimer(running.get(id))
    running.set(id, startTimer(fire, ms, id))
  },
  stopTimer: (id) => {
    stopTimer(running.get(id))
    running.delete(id)
  },
})
const log = makeLog((level, message) =>
  lines.write(stringify({ jsonrpc: '2.0', method: 'log', params: { level, message, callId } })),
)

/** As an event loop goes on after an uncaught error. */
const complain = (): void => log.error('a timer or an answer failed in the plugin')

const fire = (id: number): void => {
  running.delete(id)
  try {
    timers.fire(id)
  } catch {
    complain()
  }
  watch()
}

/** Looks, when all jobs are done, whether anything is left that could settle what is waited for. */
const watch = (turns = idleTurns): void => {
  if (giveUp === undefined || !hostCalls.isIdle || running.size > 0) return
  if (turns === 0) giveUp({ stuck: true })
  else soon(watch, turns - 1)
}

/** What becomes of a task, or that it waits for nothing. */
const settled = <T>(task: Promise<T>): Promise<T | Outcome> =>
  new Promise((resolve, reject) => {
    giveUp = resolve
    task.then(resolve, reject)
    watch()
  })

const evaluate = async (): Promise<Module | Outcome> => {
  try {
    return await settled(importPlugin().then((exports) => ({ exports })))
  } catch (thrown) {
    return { loadFailure: describeFailure(thrown) }
  } finally {
    giveUp = undefined
  }
}

const run = async (action: string, input: unknown): Promise<Outcome> => {
  const evaluated = await (module ??= evaluate())
  if (!('exports' in evaluated)) return evaluated
  const { exports } = evaluated
  try {
    if (callId === describeCall) return { value: stringify(describeActions(exports)) }
    const found = findAction(exports, action)
    if (found === undefined) return { unknown: true }
    hostCalls.begin(callId ?? '')
    const context = makeContext(host, { areas }, action)
    return await settled(
      (async () => {
        const value = encodeValue(await found(input, context))
        const excess = excessOf(value, hostCalls.bounds)
        return excess === undefined ? { value } : { excess }
      })(),
    )
  } catch (thrown) {
    return { failure: describeFailure(thrown) }
  } finally {
    giveUp = undefined
  }
}

const answer = (id: string | undefined, member: string): void =>
  lines.write(`{"jsonrpc":"2.0","id":${stringify(id)},${member}}`)

const refuse = (id: string | undefined, code: number, message: string): void =>
  answer(id, `"error":${stringify({ code, message })}`)

const begin = async (id: string, params: Request['params']): Promise<void> => {
  callId = params['callId'] as string
  const outcome = await run(params['action'] as string, params['input'])
  // What the action left behind does nothing any more, as in the script tier.
  for (const timer of running.values()) stopTimer(timer)
  running.clear()
  timers.clear()
  hostCalls.end()
  callId = undefined
  answer(id, `"result":{"output":${writeOutcome(outcome)}}`)
}

const initialize = (id: string | undefined, params: Initialize): void => {
  const { oldest, newest } = params.protocolVersion
  if (oldest > protocolVersion || newest < protocolVersion) {
    return refuse(id, rpcCodes.noCommonVersion, `the bootstrap speaks version ${protocolVersion}`)
  }
  hostCalls.bounds = params.limits
  host = makeHost({
    call: hostCalls.call,
    log,
    areas,
    functions: params.functions,
    config: Object.freeze({ ...params.config }),
  })
  Object.defineProperty(globalThis, 'host', { value: host, enumerable: true })
  answer(id, `"result":${stringify({ protocolVersion, plugin: params.plugin })}`)
}

const hear = (message: Request | Answer): void => {
  if (!('method' in message)) {
    if (hostCalls.settle(message)) watch()
    return
  }
  const { id, method, params } = message
  if (method === 'action/call' && id !== undefined) {
    if (callId !== undefined) refuse(id, rpcCodes.failed, 'another call is under way')
    else void begin(id, params)
  } else if (method === 'initialize') initialize(id, params as unknown as Initialize)
  else if (method === 'ping' || method === 'shutdown') answer(id, '"result":{}')
  // A call that is taken back is answered by nobody: the host ends the process.
  else if (id !== undefined) refuse(id, rpcCodes.methodNotFound, `there is no method ${method}`)
}

Error.stackTraceLimit = traceLength
/** A trace shows the plugin's own frames, as the interpreter of the script tier names them. */
Error.prepareStackTrace = (error, frames) => {
  const own = frames
    .filter((frame) => frame.getFileName() === pluginFileName)
    .map((frame) => {
      const place = `${pluginFileName}:${frame.getLineNumber()}:${frame.getColumnNumber()}`
      return `\n    at ${frame.getFunctionName() ?? '<anonymous>'} (${place})`
    })
  return `${String(error)}${own.join('')}`
}
// In the script tier nobody hears of a promise that is rejected and awaited by nobody.
process.on('unhandledRejection', () => undefined)
process.on('uncaughtException', complain)
layGlobals(log, timers.globals)
