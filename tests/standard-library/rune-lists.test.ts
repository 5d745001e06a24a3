// Members of what may not be there, for scripts in Rune: an input that is left out is a unit.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

test('a unit has no members', async () => {
  await using workspace = await openWorkspace()
  const path = await workspace.write(
    'a.rn',
    `use bulkhead::lists;
pub fn run(input) {
    [lists::member(input, "x"), lists::member_or(input, "x", 3), lists::member_or(#{ x: 4 }, "x", 3)]
}`,
  )
  await using host = await openHost({ plugins: [path], home: workspace.home, policy: { boundary: 'thread' } })
  expect(await host.call('a', 'run')).toEqual([null, 3, 4])
})
