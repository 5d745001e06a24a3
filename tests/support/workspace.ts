// A folder of its own for a test that embeds the host: state, plugins and files, removed at the end.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A temporary workspace. */
export interface Workspace extends AsyncDisposable {
  readonly path: string
  /** State folder inside it. */
  readonly home: string
  /** Writes a file, making its folder; returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>
}

/** Makes one. */
export const openWorkspace = async (): Promise<Workspace> => {
  const path = await mkdtemp(join(tmpdir(), 'bulkhead-test-'))
  const home = join(path, 'home')
  await mkdir(home, { mode: 0o700 })
  return {
    path,
    home,
    write: async (name, content) => {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      return file
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
