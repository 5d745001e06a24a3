// For tests: builds the plugin of `fixtures/greeter` with HashiCorp's own library, once for one run of the tests.

import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../fixtures/greeter', import.meta.url))

/** Builds it and yields the program's path. @throws Error that says what to install when Go is not there */
export const buildGreeter = (): string => {
  const program = join(mkdtempSync(join(tmpdir(), 'bulkhead-greeter-')), 'greeter')
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new Error('this test builds a plugin in Go and found no Go: install Go 1.24 or later (https://go.dev/dl)', {
      cause,
    })
  }
  execFileSync('go', ['build', '-trimpath', '-o', program, '.'], {
    cwd: source,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 170_000,
  })
  return program
}
