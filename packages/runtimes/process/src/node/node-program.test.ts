// Node's own permissions, without the sandbox around them: what a plugin that found its way to Node's modules would get.

import { spawnSync } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeProgram } from './node-program.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-node-program-')))
})
afterEach(() => rm(folder, { recursive: true }))

const probes = `
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { open } from 'node:inspector'
import { connect } from 'node:net'
import { Worker } from 'node:worker_threads'
const told = {}
const probe = async (name, run) => {
  try { await run(); told[name] = 'done' } catch (error) { told[name] = error.code }
}
await probe('own file', () => readFileSync(import.meta.filename))
await probe('another file', () => readFileSync('/etc/hostname'))
await probe('a folder', () => readdirSync('/'))
await probe('own memory', () => readFileSync('/proc/self/mem'))
await probe('write', () => writeFileSync('/tmp/x', ''))
await probe('write beside itself', () => writeFileSync(import.meta.filename + 'x', ''))
await probe('process', () => spawnSync('/bin/true'))
await probe('thread', () => new Worker('1', { eval: true }))
await probe('network', () => new Promise((resolve, reject) => connect(9, '127.0.0.1').on('error', reject)))
await probe('inspector', () => open(0))
await probe('native module', () => process.dlopen({ exports: {} }, '/lib/x.node'))
process.stdout.write(JSON.stringify({ told, args: process.argv.slice(2) }))
`

test('its files, and nothing else', async () => {
  const bootstrap = join(folder, 'bootstrap.mjs')
  await writeFile(bootstrap, probes)
  const { argv } = nodeProgram(bootstrap, { memoryBytes: 64 * 1024 * 1024, areas: ['http', 'kv'] })
  const [node = '', ...args] = argv
  const { stdout, stderr } = spawnSync(node, args, { encoding: 'utf8', env: {} })
  expect(stderr).toBe('')
  const denied = 'ERR_ACCESS_DENIED'
  expect(JSON.parse(stdout)).toEqual({
    args: ['http', 'kv'],
    told: {
      'own file': 'done',
      'another file': denied,
      'a folder': denied,
      'own memory': denied,
      write: denied,
      'write beside itself': denied,
      process: denied,
      thread: denied,
      network: denied,
      inspector: denied,
      'native module': 'ERR_DLOPEN_DISABLED',
    },
  })
})
