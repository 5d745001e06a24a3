// `bulkhead new`, every template in every language: what it writes validates, and answers its own examples as it says.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPlugin, openHost } from '@bulkhead/host'
import { describe, expect, test } from 'vitest'
import { folder, loneFile } from '../../packages/surfaces/cli/src/templates/files.ts'
import { templates } from '../../packages/surfaces/cli/src/templates/index.ts'
import { templateLanguages, type TemplateName } from '../../packages/surfaces/cli/src/templates/template.ts'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

const kinds = (Object.keys(templates) as TemplateName[]).flatMap((kind) =>
  templateLanguages.map((language) => ({ kind, language })),
)

describe.each(kinds)('$kind in $language', ({ kind, language }) => {
  const template = templates[kind]

  test.each([folder, loneFile])('validates with schemas, and answers its examples: %o', async (make) => {
    await using workspace = await openWorkspace()
    const { path, files } = make({ name: 'mine', language, template })
    for (const [file, text] of files) await workspace.write(file, text)
    const place = join(workspace.path, path)

    const checked = await checkPlugin(place)
    expect(checked).toMatchObject({ faults: [], diagnostics: [], warnings: [] })
    await using host = await openHost({
      plugins: [place],
      home: workspace.home,
      policy: { boundary: 'thread', grants: { mine: template.grants } },
    })
    for (const { action, input, output } of template.examples) {
      expect(checked.actions[action]).toMatchObject({ output: expect.anything(), risk: expect.any(String) })
      expect(await host.call('mine', action, input)).toEqual(output)
    }
    // The schemas hold: what is misspelt never reaches the plugin.
    await expect(host.call('mine', template.examples[0]?.action ?? '', { naem: 1 })).rejects.toMatchObject({
      code: 'input.invalid',
    })
  })
})

test('the command writes it, and leaves alone what is there', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  const words = ['new', 'mine', '--language', 'lua', '--single-file']
  expect((await bulkhead(words, options)).code).toBe(0)
  const run = await bulkhead(['run', './mine.lua', 'greet', '--input', '{"name":"Ada"}'], options)
  expect(JSON.parse(run.out.toString())).toEqual({ text: 'Hello, Ada!', length: 11 })

  const file = join(workspace.path, 'mine.lua')
  await writeFile(file, 'return {}')
  expect((await bulkhead(words, options)).code).toBe(2)
  expect(await readFile(file, 'utf8')).toBe('return {}')
})
