// One configuration for all tests: sources are run as they stand (condition @bulkhead/source), in this process and in
// the threads and processes that tests start.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Where Node keeps what sources compile to. A process that runs from them strips their types once, not each time it starts. */
const compiledSources = fileURLToPath(new URL('node_modules/.cache/compiled-sources', import.meta.url))

const conditions = ['@bulkhead/source', 'node', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      'packages/**/src/**/*.test.ts',
      'tests/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    execArgv: ['--conditions=@bulkhead/source', '--disable-warning=ExperimentalWarning'],
    globalSetup: 'tests/support/global-setup.ts',
    env: { NODE_COMPILE_CACHE: compiledSources },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
