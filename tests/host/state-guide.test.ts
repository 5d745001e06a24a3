// The examples of docs/how-to/state.md, run as they stand there.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/how-to/state.md', import.meta.url)), 'utf8')
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code)

test('the examples of the guide on state do what it says', async () => {
  await using workspace = await openWorkspace()
  const [permissions = ''] = blocks('yaml')
  const write = async (name: string, file: string, source: string): Promise<void> => {
    const manifest = `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: ${file} }\n`
    await workspace.write(`plugins/${name}/plugin.yaml`, manifest + permissions)
    await workspace.write(`plugins/${name}/${file}`, source)
  }
  const scripts = blocks('js')
  const [luaScript = ''] = blocks('lua')
  expect(scripts).toHaveLength(2)
  await write('fight', 'index.js', `${scripts.join('\n')}\nexport const put = (data) => host.kv.set('data', data)`)
  await write('fight-lua', 'main.lua', luaScript)
  const grants = { fight: ['storage'], 'fight-lua': ['storage'] }
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'thread', grants } })

  await Promise.all([host.call('fight', 'hit', 'anna'), host.call('fight', 'hit', 'anna')])
  expect(await host.call('fight', 'fighters')).toMatchObject([{ key: 'fighter/anna', value: { hits: 2 } }])
  expect(await host.call('fight', 'visits')).toBe(1)
  expect(await host.call('fight', 'open')).toEqual({ format: 2, fighters: {} })
  await host.call('fight', 'put', { format: 1, list: [{ name: 'bo' }] })
  expect(await host.call('fight', 'open')).toEqual({ format: 2, fighters: { bo: { name: 'bo' } } })
  expect(await host.call('fight', 'open')).toEqual({ format: 2, fighters: { bo: { name: 'bo' } } })

  await host.call('fight-lua', 'hit', { name: 'anna' })
  expect(await host.call('fight-lua', 'hit', { name: 'anna' })).toMatchObject({ hits: 2 })
})
