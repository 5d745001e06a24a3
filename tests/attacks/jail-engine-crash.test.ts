// A guest that makes the engine give up: objects of WebAssembly's own garbage collection, more than fit on its heap, and V8
// ends the process that it is in. In a jail that is the jail.

import { expect, test } from 'vitest'
import { openWorkspace, type Workspace } from '../support/workspace.ts'
import { openWorkspaceHost } from '../support/host.ts'

/** A list of structs without end, each held by the next: `(struct (field (mut (ref null 0))))`. */
const hoarder = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 9, 2, 0x5f, 1, 0x63, 0, 1, 0x60, 0, 0],
  ...[3, 3, 2, 1, 1],
  ...[7, 16, 2, 5, ...Buffer.from('hoard'), 0, 0, 4, ...Buffer.from('fine'), 0, 1],
  ...[10, 22, 2, 17, 1, 1, 0x63, 0, 0x03, 0x40, 0x20, 0, 0xfb, 0, 0, 0x21, 0, 0x0c, 0, 0x0b, 0x0b, 2, 0, 0x0b],
])

const writePlugins = async (workspace: Workspace): Promise<void> => {
  for (const name of ['hoarder', 'neighbour']) {
    await workspace.write(
      `plugins/${name}/plugin.yaml`,
      `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: wasm, entry: plugin.wasm }\n`,
    )
    await workspace.write(`plugins/${name}/plugin.wasm`, hoarder)
  }
}

const policy = {
  boundary: 'jail',
  features: { gc: true },
  // So that the engine gives up before the meter does.
  limits: { memoryBytes: 16 * 2 ** 30 },
} as const

test('the call that did it fails, the next is answered by a new jail, and a neighbour never notices', async () => {
  await using workspace = await openWorkspace()
  await writePlugins(workspace)
  await using host = await openWorkspaceHost(workspace, { policy })
  const crashed: string[] = []
  host.on('plugin:crashed', ({ id }) => crashed.push(id))

  await host.call('neighbour', 'fine')
  const inFlight = host.call('hoarder', 'hoard')
  const beside = Array.from({ length: 20 }, () => host.call('neighbour', 'fine'))
  await expect(inFlight).rejects.toMatchObject({ code: 'plugin.crashed' })
  await Promise.all(beside)
  await host.call('hoarder', 'fine')
  await host.call('neighbour', 'fine')
  expect(crashed).toEqual(['hoarder'])
})
