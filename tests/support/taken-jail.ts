// Jails that somebody took over altogether: a program of the test's stands in the place of the cell program, without a confinement.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Cell, type JailPort, openCells } from '@bulkhead/cell'
import { type Dispatch, defaultLimits, type Limits, type RuntimeResult } from '@bulkhead/kernel'

/** What a hostile program has at hand: it writes frames of the wire, and ends with its host. */
const library = `
const fs = require('node:fs')
const number = (value) => { const b = Buffer.alloc(8); b.writeDoubleLE(value); return b }
const length = (value) => { const b = Buffer.alloc(4); b.writeUInt32LE(value); return b }
const text = (value) => Buffer.concat([length(Buffer.byteLength(value)), Buffer.from(value)])
const frame = (...parts) => { const b = Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'number' ? [part] : part))); return Buffer.concat([length(b.length), b]) }
const write = (bytes) => {
  for (let at = 0; at < bytes.length; ) {
    try { at += fs.writeSync(1, bytes, at, Math.min(bytes.length - at, 65536)) } catch (thrown) { if (thrown.code !== 'EAGAIN') process.exit() }
  }
}
const json = (value) => Buffer.concat([Buffer.from([1]), number(0), Buffer.from([0]), text(value)])
const stream = (id, bytes) => Buffer.concat([Buffer.from([0, 2]), number(id), number(bytes), Buffer.from([0])])
const hostCall = (id, content) => frame(0, number(id), text('{"op":"host","run":2,"name":"a.b"}'), content)
const chunk = (id, bytes) => frame(4, number(id), length(bytes.length), bytes)
const reply = (id, value) => frame(1, number(id), text('{}'), json(value))
/** Answers the load, and then does as the test says at the call, whose id is 2. */
const atCall = (run) => process.stdin.once('data', () => { write(reply(1, '{"go":{}}')); process.stdin.once('data', run) })
/** Hands on each frame that arrives: its type and its bytes. */
const listen = (take) => {
  let held = Buffer.alloc(0)
  process.stdin.on('data', (bytes) => {
    for (held = Buffer.concat([held, bytes]); held.length >= 4 && held.length >= 4 + held.readUInt32LE(0); ) {
      const end = 4 + held.readUInt32LE(0)
      if (end > 4) take(held[4], held.subarray(4, end))
      held = held.subarray(end)
    }
  })
}
process.stdin.on('end', () => process.exit())
setTimeout(() => process.exit(), 60000)
`

/** Jails that run this text instead of the cell program; `ended` counts those that the host ended. */
export const takenJails = (program: string) => {
  let ended = 0
  const jails: JailPort = {
    usualGuestBytes: 2 ** 30,
    start: async () => {
      const child = spawn(process.execPath, ['-e', library + program], { stdio: ['pipe', 'pipe', 'pipe'], env: {} })
      child.stdin.on('error', () => undefined)
      const gone = once(child, 'exit').then(([code]) => ({
        reason: 'exited',
        code: code as number | null,
        signal: null,
      }))
      return {
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exited: gone,
        hold: () => undefined,
        end: () => {
          ended++
          child.kill('SIGKILL')
          return gone
        },
      }
    },
  }
  return {
    jails,
    get ended() {
      return ended
    },
  }
}

/** Compartments over these jails, and the load of one plugin in them. */
export const openVictim = (jails: JailPort, loadTimeoutMs = 20_000) => {
  const cells = openCells({ jails, spareJails: 0 })
  const load = (): Promise<Cell> =>
    cells.open({
      boundary: 'jail',
      domain: 'somebody',
      driverUrl: new URL('file:///nowhere.js'),
      loadTimeoutMs,
      log: () => undefined,
      artifact: {
        name: 'victim',
        digest: '',
        entry: 'plugin.wasm',
        bytes: new Uint8Array(8),
        modules: [],
        config: {},
        functions: [],
        limits: defaultLimits,
        isolation: 'per-call',
      },
    })
  return { load, [Symbol.asyncDispose]: () => cells[Symbol.asyncDispose]() }
}

/** Calls the plugin. */
export const callVictim = async (
  cell: Cell,
  { dispatch, limits = {}, bytes }: { dispatch?: Dispatch; limits?: Partial<Limits>; bytes?: number } = {},
): Promise<RuntimeResult> =>
  cell.call({
    action: 'go',
    input:
      bytes === undefined
        ? { kind: 'value', payload: { json: 'null' } }
        : { kind: 'raw', bytes: new Uint8Array(bytes) },
    output: 'value',
    context: {
      callId: 'call',
      principal: { id: 'victim', name: 'victim', digest: '' },
      chain: [],
      action: 'go',
      workspaceRoot: '/',
      deadlineMs: performance.now() + 30_000,
      limits: { ...defaultLimits, ...limits },
      signal: new AbortController().signal,
    },
    dispatch: dispatch ?? (async () => ({ ok: true, payload: { json: 'null' } })),
    log: () => undefined,
  })
