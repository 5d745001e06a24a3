// For tests: builds the plugin of `fixtures/greeter` with HashiCorp's own library, once for one run of the tests. That takes Go,
// and the library from Go's module proxy or cache: a user's machine need have neither, and no package of npm or Debian brings them.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../fixtures/greeter', import.meta.url))
const install = 'install Go 1.24 or later (https://go.dev/dl) to run this'

/** The program in a folder of its own, or why there is none. */
export type Greeter =
  | { readonly program: string; readonly folder: string; readonly missing?: undefined }
  | { readonly missing: string }

const runGo = (arguments_: readonly string[], timeout: number): boolean => {
  try {
    execFileSync('go', arguments_, { cwd: source, stdio: 'ignore', timeout })
    return true
  } catch {
    return false
  }
}

/** Builds it. @throws Error when Go and the modules are there and it does not build */
export const buildGreeter = (): Greeter => {
  if (!runGo(['version'], 10_000)) return { missing: `no Go here: ${install}` }
  if (!runGo(['mod', 'download'], 60_000))
    return { missing: `Go’s modules cannot be had, or Go is too old: ${install}` }
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-greeter-'))
  const program = join(folder, 'greeter')
  try {
    execFileSync('go', ['build', '-trimpath', '-o', program, '.'], {
      cwd: source,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 170_000,
    })
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true })
    throw thrown
  }
  return { program, folder }
}
