// Refuses an old Node with one clear line. Plain enough for the old Node to read.

import process from 'node:process'

/** The oldest Node that Bulkhead runs on. */
const oldestNode = 24

/** Ends the process with exit code 6 when this Node is too old. */
export const requireNode = () => {
  if (Number.parseInt(process.versions.node, 10) >= oldestNode) return
  console.error(
    `Bulkhead needs Node ${oldestNode} or newer, and this is ${process.version}. ` +
      'Use the npm scripts: after `npm install` they run on the Node that the repository brings.',
  )
  process.exit(6)
}
