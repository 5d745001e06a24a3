// The files that the checks on texts look at: what git tracks or would add, without what is generated.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { rootFolder } from './run-tool.js'

/** @returns {string[]} paths relative to the root, sorted */
export const trackedFiles = () =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: rootFolder,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(rootFolder, path)))
    .filter((path) => !path.includes('/generated/'))
    .sort()
