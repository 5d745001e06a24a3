// Files of the state folder that SQLite opens: made for their owner alone.

import { closeSync, constants, openSync } from 'node:fs'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/**
 * Makes the file when there is none. One that is there is not opened: to close it again would take back the locks that other
 * connections of this process have on it.
 */
export const makePrivateFile = (file: string): void => {
  try {
    closeSync(openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
