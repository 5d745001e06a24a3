// Builds a plugin in Go for the tests, once for one run. That takes Go, and the modules from Go's module proxy or cache: a
// user's machine need have neither, and no package of npm or Debian brings them.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const install = 'install Go 1.24 or later (https://go.dev/dl) to run this'

/** The program in a folder of its own, which goes when this is disposed; or why there is none. */
export type GoProgram = Disposable &
  ({ readonly program: string; readonly missing?: undefined } | { readonly missing: string })

const runGo = (source: string, arguments_: readonly string[], timeout: number): boolean => {
  try {
    execFileSync('go', arguments_, { cwd: source, stdio: 'ignore', timeout })
    return true
  } catch {
    return false
  }
}

const missing = (why: string): GoProgram => {
  // Said aloud as well: a skipped test shows no more than its name.
  console.error(`Tests with a plugin built in Go are skipped: ${why}`)
  return { missing: why, [Symbol.dispose]: () => {} }
}

/** Builds the program in a folder. @throws Error when Go and the modules are there and it does not build */
export const buildGoProgram = (source: string): GoProgram => {
  if (!runGo(source, ['version'], 10_000)) return missing(`no Go here: ${install}`)
  if (!runGo(source, ['mod', 'download'], 60_000))
    return missing(`Go’s modules cannot be had, or Go is too old: ${install}`)
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const program = join(folder, 'plugin')
  try {
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', program, '.'], {
      cwd: source,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 170_000,
    })
  } catch (thrown) {
    remove()
    throw thrown
  }
  return { program, [Symbol.dispose]: remove }
}
