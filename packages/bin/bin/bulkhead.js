#!/usr/bin/env node
// The `bulkhead` command. Plain enough for an old Node to read, because its first job is to find one that is new
// enough: this one, or the one that npm brought along. It holds no logic of the command itself.

import { spawn } from 'child_process'
import { existsSync } from 'fs'
import { createRequire } from 'module'
import os from 'os'
import path from 'path'
import process from 'process'
import { fileURLToPath } from 'url'

const oldestNode = 24
const exitMissing = 6

const fail = (line) => {
  console.error(line)
  process.exitCode = exitMissing
}

/** Path of the Node that an optional dependency brought, if it is here. */
const bundledNode = () => {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`)
    const file = path.join(path.dirname(manifest), 'bin', platform === 'win' ? 'node.exe' : 'node')
    return existsSync(file) ? file : undefined
  } catch (_error) {
    return undefined
  }
}

/** Runs this file again on another Node, and ends as that one ends. */
const runOn = (node) => {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, BULKHEAD_RELAUNCHED: '1' },
  })
  // Ctrl-C reaches the whole process group; what is sent to this process alone is passed on.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => signal === 'SIGINT' || child.kill(signal))
  child.on('error', (error) => fail(`bulkhead: ${node} did not start: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + (os.constants.signals[signal] || 0) : code
  })
}

const start = async () => {
  const relaunched = process.env.BULKHEAD_RELAUNCHED === '1'
  delete process.env.BULKHEAD_RELAUNCHED
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    const node = relaunched ? undefined : bundledNode()
    if (node !== undefined) return runOn(node)
    return fail(
      `bulkhead: needs Node ${oldestNode} or newer, and this is ${process.version}. Install one from nodejs.org.`,
    )
  }
  const main = new URL('../dist/main.js', import.meta.url)
  if (!existsSync(main)) return fail('bulkhead: this checkout is not built. Run: npm run build')
  await import(main.href)
}

start().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
