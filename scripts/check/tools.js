// The checks that are a tool's own: format, types, dead code.

import { runTool } from './run-tool.js'

/** Names the files; `npm run format` mends them. @returns {string[]} faults */
export const checkFormat = () => {
  const faults = runTool('biome', ['format', '--max-diagnostics=none', '.'])
  const files = faults.flatMap((text) => [...text.matchAll(/^(\S+) format ━/gm)].map(([, file]) => file))
  return files.length === 0 ? faults : files.map((file) => `${file}: run npm run format`)
}

/** What is not built: tests, plugins, and what runs inside guests. */
const typedProjects = [
  'tsconfig.test.json',
  'examples/text-tools',
  'examples/http-fetch',
  'examples/node-typescript',
  'examples/scripts',
  'packages/runtimes/script/guest',
  'packages/runtimes/process/guest',
]

/** Builds as well, so that what comes later sees the built packages. @returns {string[]} faults */
export const checkTypes = () => [
  ...runTool('tsc', ['-b']),
  ...typedProjects.flatMap((project) => runTool('tsc', ['-p', project])),
]

/** @returns {string[]} faults */
export const checkDeadCode = () => runTool('knip', ['--no-progress'])
