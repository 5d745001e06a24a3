// Runs a tool from node_modules for a check, and keeps what it printed for the case that it fails.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const rootFolder = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs `node_modules/.bin/<name>` with this very Node, and returns its faults: nothing when it exits with 0.
 *
 * @param {string} name
 * @param {string[]} args
 * @param {string} [folder] where it runs
 * @returns {string[]}
 */
export const runTool = (name, args, folder = rootFolder) => {
  const run = spawnSync(`${rootFolder}node_modules/.bin/${name}`, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  })
  if (run.error !== undefined) return [`${name} did not start: ${run.error.message}`]
  if (run.status === 0) return []
  const printed = `${run.stdout}${run.stderr}`.trim()
  return [printed === '' ? `${name} ended with ${run.status ?? run.signal}` : printed]
}
