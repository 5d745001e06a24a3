// A vault in a temporary folder, and doors to its functions with one set of grants each.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeNotesFunctions, openVaults, type VaultsOptions } from '@bulkhead/service-notes'
import { type Door, type DoorOptions, openDoor } from './door.ts'
import { openTemporaryFolder } from './temporary-folder.ts'

/** An open vault. */
export interface TestVault extends AsyncDisposable {
  /** The vault's folder. */
  readonly path: string
  /** State folder; indices are in `notes` in it. */
  readonly home: string
  /** A door; without grants it may do everything with notes. */
  door(grants?: readonly string[], options?: Partial<DoorOptions>): Door
  /** Writes files as another program would. */
  put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>
  text(path: string): Promise<string>
  /** Closes what is open and opens it again over the same folders. */
  reopen(): Promise<void>
}

/** Opens one with these files in it. */
export const openTestVault = async (
  files: Readonly<Record<string, string | Uint8Array>> = {},
  options: Partial<VaultsOptions> = {},
): Promise<TestVault> => {
  const folder = await openTemporaryFolder()
  const [path, home] = [join(folder.path, 'vault'), join(folder.path, 'home')]
  await mkdir(path)
  await mkdir(home, { mode: 0o700 })
  const put = async (more: typeof files): Promise<void> => {
    for (const [name, content] of Object.entries(more)) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    }
  }
  await put(files)
  const open = () => openVaults({ home, folder: path, ...options })
  let vaults = open()
  return {
    path,
    home,
    put,
    door: (grants = ['notes.read', 'notes.write'], more = {}) =>
      openDoor({ functions: makeNotesFunctions(vaults, undefined), grants, limits: { hostCalls: 1e6 }, ...more }),
    text: (name) => readFile(join(path, name), 'utf8'),
    reopen: async () => {
      await vaults[Symbol.asyncDispose]()
      vaults = open()
    },
    [Symbol.asyncDispose]: async () => {
      await vaults[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Asks until it is so, as long as a test lasts. */
export const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
