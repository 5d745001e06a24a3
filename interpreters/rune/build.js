// Builds rune.wasm from the crate `rune` and ours: `node interpreters/rune/build.js [--check]`. With the same tools it gives the
// same bytes each time. Nothing at run time and no installation needs it; see README.md for the tools.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { notice } from './notice.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const target = 'wasm32-unknown-unknown'
const crate = 'rune-0.14.2'

const run = (tool, args, options = {}) =>
  execFileSync(tool, args, {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
    ...options,
  })
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')

const metadata = (manifest, ...more) =>
  JSON.parse(run('cargo', ['metadata', '--locked', '--format-version=1', `--manifest-path=${manifest}`, ...more]))

/** Puts the crate as published, with our patch applied, where Cargo.toml looks for it. */
const patchCrate = () => {
  const { packages } = metadata('pinned/Cargo.toml')
  const published = dirname(packages.find(({ name }) => name === 'rune').manifest_path)
  const patched = join(here, '.crates', crate)
  rmSync(patched, { recursive: true, force: true })
  cpSync(published, patched, { recursive: true })
  // Of the registry's client; a copy with it is taken for a download that broke off.
  rmSync(join(patched, '.cargo-ok'), { force: true })
  run('patch', ['-p1', '--quiet', '-i', join(here, 'patches', `${crate}.patch`)], { cwd: patched })
}

const build = () => {
  patchCrate()
  // Paths of this machine are in no message of the module.
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), '.cargo')
  const remap = [`--remap-path-prefix=${here}=/rune/`, `--remap-path-prefix=${cargoHome}=/cargo`]
  const link = ['--import-memory', '-zstack-size=262144'].map((argument) => `-Clink-arg=${argument}`)
  run('cargo', ['build', '--release', '--locked', `--target=${target}`], {
    env: {
      ...process.env,
      CARGO_ENCODED_RUSTFLAGS: [...remap, ...link].join('\u001f'),
      CARGO_TARGET_DIR: join(here, 'target'),
    },
  })
  return readFileSync(join(here, 'target', target, 'release', 'bulkhead_interpreter_rune.wasm'))
}

const bytes = build()
const out = join(here, 'rune.wasm')
const text = notice(metadata('Cargo.toml', `--filter-platform=${target}`))
if (process.argv.includes('--check')) {
  const same =
    existsSync(out) && hash(readFileSync(out)) === hash(bytes) && readFileSync(join(here, 'NOTICE'), 'utf8') === text
  console.log(
    same ? 'rune.wasm is what its sources give.' : 'rune.wasm or its NOTICE differs from what its sources give.',
  )
  process.exitCode = same ? 0 : 1
} else {
  writeFileSync(out, bytes)
  writeFileSync(`${out}.sha256`, `${hash(bytes)}  rune.wasm\n`)
  writeFileSync(join(here, 'NOTICE'), text)
  console.log(`${bytes.length} bytes, sha256 ${hash(bytes)}`)
}
