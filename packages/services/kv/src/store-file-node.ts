// The file that a store is kept in, before SQLite opens it.

import { closeSync, constants, lstatSync, openSync } from 'node:fs'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/**
 * Makes the file for its owner alone when there is none; SQLite gives -wal and -shm its permissions. One that is there is not
 * opened: to close it again would take back the locks that other connections of this process have on it (POSIX locks belong
 * to the process; "How To Corrupt An SQLite Database File", 2.2).
 * @throws Error for what is there and is no regular file: a link would lead SQLite elsewhere
 */
export const makeStoreFile = (file: string): void => {
  try {
    closeSync(openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!lstatSync(file).isFile())
      throw new Error('what is in the place of the store is no regular file', { cause: error })
  }
}
