// A plugin names what it wants so that the hint in the denial, pasted into a shell, grants more than it seems to.

import { execFileSync } from 'node:child_process'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'

test.runIf(process.platform !== 'win32')('the hint stays one argument, whatever the path', async () => {
  const door = openDoor({ functions: makeFsFunctions(), grants: [] })
  for (const path of ["x' --grant 'storage", "x'; touch owned #", '$(id)', '`id`', "'", '--help']) {
    const { code, hint } = await door.refused('fs.read', { path })
    expect(code).toBe('capability.denied')
    const words = hint.slice(hint.indexOf('--grant'))
    const seen = execFileSync('sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' })
    expect(seen).toBe(`--grant\nfilesystem.read:/nowhere/${path}\n`)
  }
})
