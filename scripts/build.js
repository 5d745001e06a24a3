// `npm run build`, and what npm runs after an install: the packages to JavaScript, the interpreter to what a cell runs, the
// wasm example to wasm.
// Quick when nothing changed. Without the development dependencies there is nothing to build with, and that is no fault.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const steps = ['packages/runtimes/script/dist/prepare-interpreter.js', 'examples/word-count-wasm/build.js']

const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1

const build = () => {
  if (!existsSync(tsc)) {
    console.error('Not built: the compiler is not installed (npm install without --omit=dev brings it).')
    return 0
  }
  const built = node(tsc, '-b')
  // What an installation of a part of the repository leaves out is not built.
  return steps
    .map((step) => join(root, step))
    .reduce((status, step) => (status === 0 && existsSync(step) ? node(step) : status), built)
}

process.exitCode = build()
