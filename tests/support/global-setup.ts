// Runs once before all tests. What it does saves time and nothing else: tests pass where it fails, as without a sandbox.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Vitest calls this. */
export const setup = (): void => {
  const program = fileURLToPath(new URL('./compile-jail-sources.ts', import.meta.url))
  spawnSync(process.execPath, ['--conditions=@bulkhead/source', program], { stdio: 'ignore', timeout: 60_000 })
}
