// The public library as the commands' port: the one place that imports its functions.

import * as host from '@bulkhead/host'
import type { CliLibrary } from './library.ts'

/** The library itself. */
export const hostLibrary = host as unknown as CliLibrary
