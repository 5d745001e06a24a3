// Opens the cache of rewritten modules for a cell program, at places that the host named.

import { meterVersion } from '@bulkhead/meter'
import { type CodeCache, type CodeCachePaths, openCodeCache } from './code-cache/index.ts'

/** None where no place was named. */
export const openCacheAt = (paths: CodeCachePaths | undefined): CodeCache | undefined =>
  paths === undefined ? undefined : openCodeCache({ ...paths, version: meterVersion })
