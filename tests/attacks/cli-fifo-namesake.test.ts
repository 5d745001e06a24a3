// A hostile folder holds a pipe of the name of a plugin that is not installed. Looking whether there is a file of that
// name must not open it: nobody writes to the pipe, and a blocked open outlives every signal but the last.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test.skipIf(process.platform === 'win32')(
  'a pipe of the plugin’s name holds up nothing',
  async () => {
    await using workspace = await openWorkspace()
    execFileSync('mkfifo', [join(workspace.path, 'weather')])
    let kill = (): void => {}
    const timer = setTimeout(() => kill(), 15_000)
    const result = await bulkhead(['run', 'weather', '--json'], {
      home: workspace.home,
      cwd: workspace.path,
      started: (child) => {
        kill = () => void child.kill('SIGKILL')
      },
    })
    clearTimeout(timer)
    expect(result.code).toBe(2)
    expect(result.json().error.code).toBe('plugin.unknown')
  },
  30_000,
)
