// Builds rune.wasm from the crate `rune` and ours: `node interpreters/rune/build.js [--check]`. With the same tools it gives the
// same bytes each time. Nothing at run time and no installation needs it; see README.md for the tools.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { hashInputs } from '../inputs.js'
import { notice } from './notice.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const target = 'wasm32-unknown-unknown'
const crate = 'rune-0.14.2'
const inputs = [
  ...[
    'Cargo.lock',
    'Cargo.toml',
    'build.js',
    'build.rs',
    'notice.js',
    'patches',
    'pinned/Cargo.lock',
    'pinned/Cargo.toml',
  ],
  ...['rust-toolchain.toml', 'src', 'std'],
]

/** The tools or the sources of others are not here. */
class Cannot extends Error {}

const run = (tool, args, options = {}) => {
  const { status, error, stdout, stderr } = spawnSync(tool, args, {
    ...{ cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 28 },
    ...options,
  })
  if (error !== undefined || status !== 0) throw new Error(`${tool} ${args[0]} failed: ${error?.message ?? stderr}`)
  return stdout
}
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')

const metadata = (manifest, ...more) =>
  JSON.parse(run('cargo', ['metadata', '--locked', '--format-version=1', `--manifest-path=${manifest}`, ...more]))

/** What compiles, as it names itself. */
const toolchain = () => {
  try {
    const libraries = run('rustc', ['--print', 'target-libdir', '--target', target]).trim()
    if (existsSync(libraries)) return { rustc: run('rustc', ['--version']).trim() }
  } catch {}
  throw new Cannot(`there is no Rust for ${target} here`)
}

/** Puts the crate as published, with our patch applied, where Cargo.toml looks for it. */
const patchCrate = () => {
  let packages
  try {
    packages = metadata('pinned/Cargo.toml').packages
  } catch (error) {
    throw new Cannot(`the crates cannot be fetched: ${error.message}`)
  }
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
  const folder = join(here, 'target')
  run('cargo', ['build', '--release', '--locked', `--target=${target}`], {
    env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: [...remap, ...link].join('\u001f'), CARGO_TARGET_DIR: folder },
  })
  return readFileSync(join(folder, target, 'release', 'bulkhead_interpreter_rune.wasm'))
}

const files = { wasm: join(here, 'rune.wasm'), notice: join(here, 'NOTICE'), provenance: join(here, 'provenance.json') }
const makeNotice = () => notice(metadata('Cargo.toml', `--filter-platform=${target}`))

const check = () => {
  const { tools } = JSON.parse(readFileSync(files.provenance, 'utf8'))
  if (JSON.stringify(toolchain()) !== JSON.stringify(tools)) throw new Cannot('the compiler here is another one')
  const isSame = hash(build()) === hash(readFileSync(files.wasm)) && makeNotice() === readFileSync(files.notice, 'utf8')
  console.log(
    isSame ? 'rune.wasm is what its sources give.' : 'rune.wasm or its NOTICE differs from what its sources give.',
  )
  return isSame ? 0 : 1
}

const write = () => {
  const tools = toolchain()
  const bytes = build()
  const checksum = /name = "rune"\nversion = "0\.14\.2"\nsource = .*\nchecksum = "(\w+)"/
  const sha256 = checksum.exec(readFileSync(join(here, 'pinned/Cargo.lock'), 'utf8'))[1]
  const provenance = { source: { crate, sha256 }, tools, inputs, built: hashInputs(here, inputs) }
  writeFileSync(files.wasm, bytes)
  writeFileSync(`${files.wasm}.sha256`, `${hash(bytes)}  rune.wasm\n`)
  writeFileSync(files.notice, makeNotice())
  writeFileSync(files.provenance, `${JSON.stringify(provenance, null, 2)}\n`)
  console.log(`${bytes.length} bytes, sha256 ${hash(bytes)}`)
  return 0
}

try {
  process.exitCode = process.argv.includes('--check') ? check() : write()
} catch (error) {
  if (!(error instanceof Cannot)) throw error
  console.log(error.message)
  process.exitCode = 3
}
