// Programs that are measured as plugins of the process tier: they give back what they get.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The dialect of JSON-RPC in Node, as little as an echo takes. */
const echo = `
import { createInterface } from 'node:readline'
const methods = {
  initialize: ({ plugin }) => ({ protocolVersion: 1, plugin }),
  ping: () => ({}),
  shutdown: () => ({}),
  'action/list': () => ({ actions: [{ name: 'echo' }] }),
  'action/call': ({ input }) => ({ output: input }),
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id !== undefined) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: methods[method](params) }) + '\\n')
}).on('close', () => process.exit(0))
`

/** The manifest of a program that keeps its state. */
export const programManifest = (name: string, protocol: string, entry: string): string => `manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution:
  tier: process
  protocol: ${protocol}
  entry: ${entry}
  isolation: per-plugin
  limits: { memory: 200MiB }
`

/** Writes the echo into a folder of its own below `plugins`, and tells which. */
export const writeEchoProgram = async (plugins: string): Promise<string> => {
  const path = join(plugins, 'echo-jsonrpc')
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'plugin.yaml'), programManifest('echo-jsonrpc', 'jsonrpc', 'main.mjs'))
  await writeFile(join(path, 'main.mjs'), echo)
  return path
}
