// How the entry of a process plugin is started: what it is says its name. Nothing of a shell, and no search path.

import { extname } from 'node:path'
import { realpathSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'

/** A command, and what of the host it needs to see beside the plugin's own files. */
export interface Program {
  readonly argv: readonly string[]
  readonly system: 'libraries' | 'programs'
  readonly readable: readonly string[]
  /** The exit code by which it tells that its memory is used up, where it has one. */
  readonly outOfMemoryCode?: number
}

const python = '/usr/bin/python3'

/** @throws BulkheadError `runtime.missing` when the interpreter is not installed */
export const programFor = (entry: string): Program => {
  switch (extname(entry)) {
    case '.py':
      requirePython()
      // No environment, no user site, and nothing is written beside the source.
      return { argv: [python, '-E', '-s', '-B', entry], system: 'programs', readable: [] }
    case '.js':
    case '.mjs':
    case '.cjs': {
      const node = realpathSync(process.execPath)
      return { argv: [node, entry], system: 'libraries', readable: [node] }
    }
    default:
      return { argv: [entry], system: 'libraries', readable: [] }
  }
}

const requirePython = (): void => {
  try {
    realpathSync(python)
  } catch (cause) {
    throw new BulkheadError('runtime.missing', `this host has no ${python}, which the plugin runs in`, {
      hint: 'Install it, on Debian and Ubuntu with: sudo apt-get install -y python3',
      cause,
    })
  }
}
