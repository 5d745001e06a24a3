// Process plugins in JavaScript for tests: the wire in as few lines as it takes, and one that runs whatever it is told.

import type { Host } from '@bulkhead/host'
import type { Workspace } from './workspace.ts'

/** The text of a program; it expects `actions`, a table of functions, before it. */
export const processWire = `
import { createInterface } from 'node:readline'
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
let asked = 0
const waiting = new Map()
globalThis.host = (callId, name, input) => new Promise((resolve, reject) => {
  const id = 'h' + ++asked
  waiting.set(id, { resolve, reject })
  send({ id, method: 'host/call', params: { callId, function: name, input } })
})
const methods = {
  initialize: ({ plugin }) => ({ protocolVersion: 1, plugin }),
  ping: () => ({}),
  shutdown: () => ({}),
  'action/list': () => ({ actions: Object.keys(actions).map((name) => ({ name })) }),
  'action/call': async ({ action, input, callId }) => ({ output: (await actions[action](input, callId)) ?? null }),
}
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params, result, error } = JSON.parse(line)
  if (method === undefined) {
    const { resolve, reject } = waiting.get(id)
    return error === undefined ? resolve(result.output) : reject(error)
  }
  if (id === undefined) return
  try {
    send({ id, result: await methods[method](params ?? {}) })
  } catch (error) {
    send({ id, error: { code: 1, message: String(error.message ?? error), data: error.data } })
  }
}).on('close', () => process.exit(0))
`

/** Runs the text that it is given as the body of an asynchronous function: native code of an attacker could do no more. */
const obeying = `
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import child from 'node:child_process'
const AsyncFunction = (async () => {}).constructor
const actions = { run: (text) => new AsyncFunction('fs', 'net', 'os', 'child', text)(fs, net, os, child) }
`

/** Writes one that obeys; `more` is YAML at the top level, `execution` below `execution`. */
export const writeObeyingPlugin = async (
  workspace: Workspace,
  name: string,
  { more = '', execution = '' }: { readonly more?: string; readonly execution?: string } = {},
): Promise<string> => {
  const at = `plugins/${name}`
  const manifest = `manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution:
  tier: process
  protocol: jsonrpc
  entry: main.mjs
${execution === '' ? '  limits: { memory: 200MiB }' : execution}
actions: { run: {} }
${more}
`
  await workspace.write(`${at}/plugin.yaml`, manifest)
  await workspace.write(`${at}/main.mjs`, obeying + processWire)
  return `${workspace.path}/${at}`
}

/** Has it run the body of a function, which returns JSON. */
export const obey = (
  host: Host,
  name: string,
  body: string,
  options: Parameters<Host['call']>[3] = {},
): Promise<unknown> => host.call(name, 'run', body, options)
