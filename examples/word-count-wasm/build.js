// Builds dist/plugin.wasm from assembly/ with the AssemblyScript compiler. Does nothing when the module is newer than
// every source; `--force` builds anyway.

import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const sources = [
  ...readdirSync(join(folder, 'assembly')).map((name) => join(folder, 'assembly', name)),
  join(folder, 'build.js'),
]
const target = join(folder, 'dist/plugin.wasm')

const modified = (path) => statSync(path).mtimeMs
const isFresh = existsSync(target) && sources.every((path) => modified(path) < modified(target))

if (!isFresh || process.argv.includes('--force')) {
  mkdirSync(dirname(target), { recursive: true })
  const asc = await import('assemblyscript/asc').catch(() => undefined)
  if (asc === undefined) {
    console.error('word-count-wasm is not built: assemblyscript is not installed.')
  } else {
    // Paths are relative to the working folder: the compiler takes no others.
    process.chdir(folder)
    const options = [
      'assembly/index.ts',
      '--outFile',
      relative(folder, target),
      '-O3',
      '--noAssert',
      '--runtime',
      'minimal',
    ]
    const { error, stderr } = await asc.main([...options, '--use', 'abort=assembly/index/abort'])
    if (error !== null) {
      console.error(`word-count-wasm does not compile: ${error.message}\n${stderr.toString()}`)
      process.exitCode = 1
    }
  }
}
