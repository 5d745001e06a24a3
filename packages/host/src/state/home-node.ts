// The state folder: where it is, and that nobody else can write it.

import { lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel/terms'

/** Where state lives: `BULKHEAD_HOME`, else `$XDG_DATA_HOME/bulkhead`, else `~/.local/share/bulkhead`. */
export const resolveHome = (env: Readonly<Record<string, string | undefined>> = process.env): string => {
  if (env['BULKHEAD_HOME'] !== undefined && env['BULKHEAD_HOME'] !== '') return resolve(env['BULKHEAD_HOME'])
  const data = env['XDG_DATA_HOME']
  // XDG Base Directory Specification: a relative path is invalid and ignored.
  if (data?.startsWith('/') === true) return join(data, 'bulkhead')
  return join(env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'], '.local', 'share', 'bulkhead')
}

/** Node's own recursive mkdir never ends below a folder that answers ENOENT to every mkdir, as /proc does. */
const makeFolders = async (path: string): Promise<void> => {
  const missing: string[] = []
  for (let at = resolve(path); (await stat(at).catch(() => undefined)) === undefined; at = dirname(at)) missing.push(at)
  for (const folder of missing.reverse()) {
    await mkdir(folder, { mode: 0o700 }).catch((thrown: NodeJS.ErrnoException) => {
      // Another process may have made it in the meantime.
      if (thrown.code !== 'EEXIST') throw thrown
    })
  }
}

/**
 * Makes the folder if need be (mode 0700) and checks it: a folder of ours that neither group nor others can write.
 * @returns its real path. @throws BulkheadError `home.unsafe`
 */
export const openHome = async (home: string): Promise<string> => {
  let real: string
  try {
    await makeFolders(home)
    real = await realpath(home)
  } catch (cause) {
    throw new BulkheadError('home.unsafe', `the state folder ${home} cannot be made: ${(cause as Error).message}`, {
      hint: 'Set BULKHEAD_HOME to a folder that you can write.',
      cause,
    })
  }
  const found = await lstat(real)
  if (!found.isDirectory()) throw new BulkheadError('home.unsafe', `the state folder ${home} is not a folder`)
  if (process.getuid !== undefined) {
    if (found.uid !== process.getuid()) {
      throw new BulkheadError('home.unsafe', `the state folder ${real} belongs to another user (uid ${found.uid})`, {
        hint: 'Set BULKHEAD_HOME to a folder of your own.',
      })
    }
    if ((found.mode & 0o022) !== 0) {
      throw new BulkheadError(
        'home.unsafe',
        `the state folder ${real} can be written by others (mode ${(found.mode & 0o777).toString(8)})`,
        {
          hint: `Make it yours alone: chmod 700 ${real}`,
        },
      )
    }
  }
  return real
}
