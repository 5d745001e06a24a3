// The state folder: where it is, and that nobody else can write it.

import { lstat, mkdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'

/** Where state lives: `BULKHEAD_HOME`, else `$XDG_DATA_HOME/bulkhead`, else `~/.local/share/bulkhead`. */
export const resolveHome = (env: Readonly<Record<string, string | undefined>> = process.env): string => {
  if (env['BULKHEAD_HOME'] !== undefined && env['BULKHEAD_HOME'] !== '') return resolve(env['BULKHEAD_HOME'])
  const data = env['XDG_DATA_HOME']
  // XDG Base Directory Specification: a relative path is invalid and ignored.
  if (data?.startsWith('/') === true) return join(data, 'bulkhead')
  return join(env['HOME'] === undefined || env['HOME'] === '' ? homedir() : env['HOME'], '.local', 'share', 'bulkhead')
}

/**
 * Makes the folder if need be (mode 0700) and checks it: a folder of ours that neither group nor others can write.
 * @returns its real path. @throws BulkheadError `home.unsafe`
 */
export const openHome = async (home: string): Promise<string> => {
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new BulkheadError('home.unsafe', `the state folder ${home} cannot be made: ${(cause as Error).message}`, {
      hint: 'Set BULKHEAD_HOME to a folder that you can write.',
      cause,
    })
  }
  const real = await realpath(home)
  const stat = await lstat(real)
  if (!stat.isDirectory()) throw new BulkheadError('home.unsafe', `the state folder ${home} is not a folder`)
  if (process.getuid !== undefined) {
    if (stat.uid !== process.getuid()) {
      throw new BulkheadError('home.unsafe', `the state folder ${real} belongs to another user (uid ${stat.uid})`, {
        hint: 'Set BULKHEAD_HOME to a folder of your own.',
      })
    }
    if ((stat.mode & 0o022) !== 0) {
      throw new BulkheadError(
        'home.unsafe',
        `the state folder ${real} can be written by others (mode ${(stat.mode & 0o777).toString(8)})`,
        {
          hint: `Make it yours alone: chmod 700 ${real}`,
        },
      )
    }
  }
  return real
}
