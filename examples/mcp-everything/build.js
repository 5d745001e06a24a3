// Builds dist/everything.mjs: the server, as it is published, in one file, with the texts that it reads beside it. Does nothing
// when that was done for the installed version; `--force` builds anyway.

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const dist = join(folder, 'dist')
const stamp = join(dist, 'version')

const build = async () => {
  const { build: bundle } = await import('esbuild')
  const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version && !process.argv.includes('--force')) return
  mkdirSync(dist, { recursive: true })
  await bundle({
    entryPoints: [join(dirname(manifest), 'dist/transports/stdio.js')],
    outfile: join(dist, 'server/everything.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'error',
    // Some of its packages are CommonJS and require Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  })
  cpSync(join(dirname(manifest), 'dist/docs'), join(dist, 'docs'), { recursive: true })
  writeFileSync(stamp, version)
}

await build()
