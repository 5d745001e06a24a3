// Plugins that are programs, written for one test each: JavaScript behind the wire in as few lines as it takes, so that a
// test can also break it where it likes.

import { readdirSync, readFileSync } from 'node:fs'
import type { Workspace } from './workspace.ts'

const wire = `
import { createInterface } from 'node:readline'
globalThis.send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
globalThis.say = (text) => fs.writeSync(2, text + '\\n')
const methods = {
  initialize: ({ plugin }) => ({ protocolVersion: 1, plugin }),
  ping: () => ({}),
  shutdown: () => ({}),
  'action/list': () => ({ actions: Object.keys(actions).map((name) => ({ name })) }),
  'action/call': async ({ action, input }, id) => ({ output: (await actions[action](input, id)) ?? null }),
  ...more,
}
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  try {
    const result = await methods[method](params ?? {}, id)
    if (result !== silent) send({ id, result })
  } catch (error) {
    send({ id, error: { code: 1, message: String(error.message ?? error) } })
  }
}).on('close', () => closed())
`

/** What a plugin is made of. Texts of JavaScript see `fs`, `send` (a message), `say` (a line of log) and `silent` (no answer). */
export interface ProcessPluginText {
  /** Members of the table of actions: functions of the input and the number of the request. */
  readonly actions: string
  /** Members that replace methods of the wire. */
  readonly methods?: string
  /** What happens when the host closes the input. */
  readonly closed?: string
  /** Runs first. */
  readonly before?: string
  readonly version?: string
  readonly isolation?: 'per-call' | 'per-plugin'
  /** YAML at the top level of the manifest. */
  readonly more?: string
}

/** Writes a plugin into the workspace's `plugins`; its process is kept between calls unless told otherwise. */
export const writeProcessPlugin = async (
  workspace: Workspace,
  name: string,
  text: ProcessPluginText,
): Promise<string> => {
  const { actions, methods = '', closed = 'process.exit(0)', before = '', more = '' } = text
  const at = `plugins/${name}`
  await workspace.write(
    `${at}/plugin.yaml`,
    `manifest: 1\nname: ${name}\nversion: ${text.version ?? '1.0.0'}\ntype: tool\nexecution:\n  tier: process\n  protocol: jsonrpc\n  entry: main.mjs\n  isolation: ${text.isolation ?? 'per-plugin'}\n  limits: { memory: 200MiB }\n${more}\n`,
  )
  await workspace.write(
    `${at}/main.mjs`,
    `import fs from 'node:fs'\nimport { spawn } from 'node:child_process'\nconst silent = Symbol('silent')\nlet calls = 0\n${before}\nconst closed = () => { ${closed} }\nconst actions = {${actions}}\nconst more = {${methods}}\n${wire}`,
  )
  return `${workspace.path}/${at}`
}

/** Numbers of this host's processes that have the word on their command line, this process left out. */
export const processesWith = (word: string): readonly string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word)
    } catch {
      return false
    }
  })

/** Writes what a host tells of one plugin, in order: the event, and the number of the start that it is about. */
export const listenTo = (
  host: { on(event: never, listener: (payload: never) => void): unknown },
  id: string,
  events: readonly string[],
): string[] => {
  const told: string[] = []
  for (const event of events) {
    host.on(`plugin:${event}` as never, (payload: { id: string; generation: number }) => {
      if (payload.id === id) told.push(`${event} ${payload.generation}`)
    })
  }
  return told
}
