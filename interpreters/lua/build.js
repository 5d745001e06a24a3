// Builds lua.wasm from Lua's own sources and ours: `node interpreters/lua/build.js [--check]`. With the same tools it gives the
// same bytes each time. Nothing at run time and no installation needs it; see README.md for the tools.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { hashInputs } from '../inputs.js'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Where Lua's sources lie: in a crate, which cargo fetches and checks against the hash in pinned/Cargo.lock. */
const source = { crate: 'lua-src', version: '550.1.1', folder: 'lua-5.4.8' }

/** Of Lua's sources, what is built in: no files, no processes, no debugging, no bytecode. */
const luaFiles = [
  ...['lapi', 'lauxlib', 'lbaselib', 'lcode', 'lcorolib', 'lctype', 'ldebug', 'ldo', 'lfunc', 'lgc', 'llex'],
  ...['lmathlib', 'lmem', 'lobject', 'lopcodes', 'loslib', 'lparser', 'lstate', 'lstring', 'lstrlib', 'ltable'],
  ...['ltablib', 'ltm', 'lutf8lib', 'lvm', 'lzio'],
]
const tools = { c: 'clang-19', cpp: 'clang++-19', link: 'wasm-ld-19' }
const stackBytes = 256 * 1024
const library = '/usr/lib/wasm32-wasi'
/** Files and folders that the module is built from. */
const inputs = ['build.js', 'pinned', 'prelude', 'src', 'std']

const run = (tool, ...args) => execFileSync(tool, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' })
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex')

/** Says why nothing can be built here, for a check that is then left out. */
class Cannot extends Error {}

const findSource = () => {
  const args = ['metadata', '--locked', '--format-version=1', `--manifest-path=${join(here, 'pinned/Cargo.toml')}`]
  try {
    const { packages } = JSON.parse(run('cargo', ...args))
    const { manifest_path: manifest } = packages.find(({ name }) => name === source.crate)
    return join(dirname(manifest), source.folder)
  } catch {
    throw new Cannot(`the crate ${source.crate} ${source.version} cannot be had: cargo or its registry is missing`)
  }
}

const copySource = (into) => {
  const folder = join(into, source.folder)
  cpSync(findSource(), folder, { recursive: true })
  // Whole names of files in messages; and no stack of values that alone would take 16 MB and more.
  replaceOnce(join(folder, 'luaconf.h'), /#define LUA_IDSIZE\s+60\n/g, '#define LUA_IDSIZE 256\n')
  replaceOnce(join(folder, 'luaconf.h'), /#define LUAI_MAXSTACK\s+1000000\n/g, '#define LUAI_MAXSTACK 200000\n')
  // The crate takes the clock from programs for WASI; ours asks the host.
  for (const name of ['loslib.c', 'ltablib.c']) {
    const file = join(folder, name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('defined(__wasi__)', '0'))
  }
  return folder
}

/** For what cannot be set from outside. */
const replaceOnce = (file, from, to) => {
  const text = readFileSync(file, 'utf8')
  if (text.match(from)?.length !== 1) throw new Error(`${file} does not hold ${from} once`)
  writeFileSync(file, text.replace(from, to))
}

/** A text in C: whatever could mean something else is written as its number. */
const quoted = (text) =>
  [...Buffer.from(text)]
    .map((byte) => {
      const isPlain = byte >= 32 && byte < 127 && !'"\\?'.includes(String.fromCharCode(byte))
      return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
    })
    .join('')

/** What single files are compiled with beside the rest: what they refer to and a plugin never gets is src/absent.c. */
const own = {
  lvm: ['-O3'],
  lmathlib: ['-Dtime=absent_time'],
  lauxlib: ['-DluaL_loadfilex=luaL_unused_loadfilex'],
  loslib: [
    ...['getenv', 'remove', 'rename', 'setlocale', 'exit'].map((name) => `-D${name}=absent_${name}`),
    ...['-Dl_system(command)=0', '-Dlua_tmpnam(name, failed)={ (void)(name); failed = 1; }', '-DLUA_TMPNAMBUFSIZE=1'],
  ],
}

/** Lines that are comments are left empty, and what indents a line is left out: the text lies in every copy's memory. */
const withoutComments = (text) => {
  if (/\[=*\[/.test(text)) throw new Error('a long text or comment in Lua would not come through')
  return text.replace(/^[ \t]*--(?!\[).*$/gm, '').replace(/^[ \t]+/gm, '')
}

/** Sources in Lua as C texts. */
const embed = () => {
  const list = (folder, names) =>
    names.map((name) => {
      const text = withoutComments(readFileSync(join(here, folder, `${name}.lua`), 'utf8'))
      const lines = text.split(/(?<=\n)/).map((line) => `"${quoted(line)}"`)
      return `  {"=${folder === 'std' ? `bulkhead.${name}` : `bulkhead:${name}`}", ${lines.join('\n')}, ${Buffer.byteLength(text)}},`
    })
  const std = readdirSync(join(here, 'std'))
    .filter((name) => name.endsWith('.lua'))
    .sort()
  return [
    '#include "prelude.h"',
    'const struct prelude_file prelude_files[] = {',
    ...list('prelude', ['tickets', 'host', 'modules']),
    '  {NULL, NULL, 0},',
    '};',
    'const struct prelude_file prelude_library[] = {',
    ...list(
      'std',
      std.map((name) => name.slice(0, -4)),
    ),
    '  {NULL, NULL, 0},',
    '};',
    '',
  ].join('\n')
}

/** What the bytes depend on beside the sources: the compiler and the C library. */
const toolchain = () => {
  try {
    const builtins = run(tools.c, '--target=wasm32-wasi', '-print-libgcc-file-name').trim()
    return {
      clang: run(tools.c, '--version').split('\n', 1)[0],
      lld: run(tools.link, '--version').trim(),
      libc: hash(readFileSync(join(library, 'libc.a'))),
      builtins: hash(readFileSync(builtins)),
    }
  } catch {
    throw new Cannot('clang-19, lld-19, libclang-rt-19-dev-wasm32 or wasi-libc is missing')
  }
}

const flags = [
  ...['--target=wasm32-wasi', '--sysroot=/usr', '-isystem', '/usr/include/wasm32-wasi'],
  ...['-O2', '-DNDEBUG', '-ffunction-sections', '-fdata-sections', '-fno-strict-aliasing', '-fvisibility=hidden'],
  ...['-mbulk-memory', '-msign-ext', '-mnontrapping-fptoint', '-mmutable-globals', '-D_WASI_EMULATED_SIGNAL'],
  ...['-Wall', '-Wextra', '-Wno-unused-parameter'],
]

const build = (work) => {
  const lua = copySource(work)
  const ours = join(here, 'src')
  writeFileSync(join(work, 'prelude.c'), embed())
  writeFileSync(join(work, 'setjmp.h'), '/* Errors unwind otherwise: config.h. */\n')
  const remap = [`-ffile-prefix-map=${work}=.`, `-ffile-prefix-map=${ours}=.`]
  const common = [...flags, ...remap, `-I${work}`, `-I${lua}`, `-I${ours}`, '-include', join(ours, 'config.h')]
  const objects = []
  const compile = (tool, file, ...more) => {
    const object = join(work, `${objects.length}.o`)
    run(tool, ...common, ...more, '-c', file, '-o', object)
    objects.push(object)
  }
  for (const name of luaFiles) {
    compile(tools.c, join(lua, `${name}.c`), '-std=gnu11', '-w', ...(own[name] ?? []))
  }
  for (const name of readdirSync(ours)
    .filter((file) => file.endsWith('.c'))
    .sort()) {
    compile(tools.c, join(ours, name), '-std=gnu11')
  }
  compile(tools.c, join(work, 'prelude.c'), '-std=gnu11')
  compile(tools.cpp, join(ours, 'protect.cpp'), '-fwasm-exceptions', '-fno-rtti')
  const builtins = run(tools.c, '--target=wasm32-wasi', '-print-libgcc-file-name').trim()
  const out = join(work, 'lua.wasm')
  run(
    tools.link,
    ...objects,
    ...[`-L${library}`, '-lc', '-lm', builtins, '-o', out],
    ...[
      '--no-entry',
      '--import-memory',
      '--stack-first',
      '-z',
      `stack-size=${stackBytes}`,
      '--gc-sections',
      '--strip-all',
    ],
    ...['-O2', '--initial-memory=1048576', '--max-memory=2147483648'],
  )
  return readFileSync(out)
}

const target = join(here, 'lua.wasm')
const provenanceFile = join(here, 'provenance.json')

const check = (work) => {
  const { tools: builtWith } = JSON.parse(readFileSync(provenanceFile, 'utf8'))
  if (JSON.stringify(toolchain()) !== JSON.stringify(builtWith)) {
    throw new Cannot('the compiler or the C library here is not the one that it was built with')
  }
  const isSame = hash(build(work)) === hash(readFileSync(target))
  console.log(isSame ? 'lua.wasm is what its sources give.' : 'lua.wasm differs from what its sources give.')
  return isSame ? 0 : 1
}

const write = (work) => {
  const provenance = { source, tools: toolchain(), inputs, built: hashInputs(here, inputs) }
  const bytes = build(work)
  writeFileSync(target, bytes)
  writeFileSync(`${target}.sha256`, `${hash(bytes)}  lua.wasm\n`)
  // Lists in one line, as the formatter has them.
  const text = JSON.stringify(provenance, null, 2).replace(/\[[^\]]*\]/g, (list) =>
    list.replace(/\s+/g, ' ').replace(/\[ | \]/g, (end) => end.trim()),
  )
  writeFileSync(provenanceFile, `${text}\n`)
  console.log(`${bytes.length} bytes, sha256 ${hash(bytes)}`)
  return 0
}

const work = mkdtempSync(join(tmpdir(), 'bulkhead-lua-'))
try {
  process.exitCode = (process.argv.includes('--check') ? check : write)(work)
} catch (error) {
  if (!(error instanceof Cannot)) throw error
  console.log(error.message)
  process.exitCode = 3
} finally {
  rmSync(work, { recursive: true, force: true })
}
