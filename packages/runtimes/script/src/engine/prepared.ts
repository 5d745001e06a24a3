// How the interpreter is compiled, which the driver and the build of this package share, and where the build puts it.

import type { CompileOptions } from '@bulkhead/cell'

/** The interpreter's memory is imported, and bounded where it is made: plugins of any memory limit share one module. */
export const interpreterOptions: CompileOptions = { memoryBytes: 2 ** 31 }

/** Among what was built, also for sources that run as they stand: a file is named by its content, and never out of date. */
export const preparedFolder = new URL('../../dist/prepared/', import.meta.url)
