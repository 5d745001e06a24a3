// A plugin returns, or says of its actions, what is short as text and long as objects: the host would do nothing but make
// them for seconds, whatever else it had to do.

import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `
export const objects = (n) => Array(n).fill({})
export const beside = (n) => [new Uint8Array(1), ...Array(n).fill({})]
export const fields = (n) => Object.fromEntries(Array.from({ length: n }, (_, index) => [index, 0]))
`

test('members of an output are bounded', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'bulk', { source })
  await using host = await openWorkspaceHost(workspace)
  for (const action of ['objects', 'beside', 'fields']) {
    // As text it would be allowed many times over.
    const code = await host.call('bulk', action, 250_002).then(
      () => 'returned',
      (error: { code: string }) => error.code,
    )
    expect(code, action).toBe('output.invalid')
  }
  expect(await host.call('bulk', 'objects', 200_000)).toHaveLength(200_000)
})

test('so are those of the actions', async () => {
  await using workspace = await openWorkspace()
  const schema = `{ type: 'object', examples: Array(20_000).fill(0) }`
  const actions = `Object.fromEntries(Array.from({ length: 10 }, (_, index) => ['a' + index, { input: ${schema}, invoke: () => 1 }]))`
  await writeScript(workspace, 'bulk', {
    source: `export default { bulkhead: 1, actions: ${actions} }`,
  })
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('bulk', 'a0')).rejects.toMatchObject({ code: 'artifact.invalid' })
})
