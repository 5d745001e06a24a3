// The page of Rune signatures is Rune, and the stub for Lua is Lua, as the interpreters themselves read them.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkPlugin } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

test.each(['sdks/rune/host.rn', 'sdks/lua/library/bulkhead.lua'])('%s has no fault', async (path) => {
  await using workspace = await openWorkspace()
  const source = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
  const ending = path.slice(path.lastIndexOf('.'))
  const errorsIn = async (name: string, text: string): Promise<unknown[]> => {
    const { diagnostics } = await checkPlugin(await workspace.write(`${name}${ending}`, text))
    return diagnostics.filter(({ severity }) => severity === 'error')
  }
  expect(await errorsIn('stub', source)).toEqual([])
  // The reader does look.
  expect(await errorsIn('broken', `${source}\n)`)).toHaveLength(1)
})
