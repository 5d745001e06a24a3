// A folder for one test, gone afterwards.

import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder; its path is real. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder. */
export const openTemporaryFolder = async (): Promise<TemporaryFolder> => {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-test-')))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
