// `bulkhead new`, every template in every language: what it writes validates, and answers its own examples as it says.

import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'
import { templates, type TemplateName } from '../../packages/surfaces/cli/src/templates/index.ts'
import { templateLanguages } from '../../packages/surfaces/cli/src/templates/template.ts'

const cases = (Object.keys(templates) as TemplateName[]).flatMap((template) =>
  templateLanguages.flatMap((language) => [false, true].map((lone) => ({ template, language, lone }))),
)

describe.each(cases)('$template in $language, one file: $lone', ({ template, language, lone }) => {
  test('validates with schemas, and answers its examples', { timeout: 60_000 }, async () => {
    await using workspace = await openWorkspace()
    const options = { ...workspace, cwd: workspace.path }
    const words = ['new', 'mine', '--language', language, '--template', template, ...(lone ? ['--single-file'] : [])]
    const created = await bulkhead([...words, '--json'], options)
    expect(created.code, created.err).toBe(0)
    const { path } = created.json()['created'] as { path: string }

    const checked = (await bulkhead(['validate', `./${path}`, '--json'], options)).json()
    expect(checked).toMatchObject({ ok: true, faults: [], diagnostics: [], warnings: [] })
    const [plugin] = checked['plugins'] as [{ actions: Record<string, { output?: unknown; risk?: string }> }]
    const { examples, grants } = templates[template]
    for (const { action, input, output } of examples) {
      expect(plugin.actions[action]).toMatchObject({ output: expect.anything(), risk: expect.any(String) })
      const asked = grants.flatMap((grant) => ['--grant', grant])
      const run = await bulkhead(['run', `./${path}`, action, '--input', JSON.stringify(input), ...asked], options)
      expect(run.err).toBe('')
      expect(JSON.parse(run.out.toString())).toEqual(output)
    }
    // The schemas hold: what is misspelt never reaches the plugin.
    const [first] = examples
    const wrong = await bulkhead(['run', `./${path}`, first?.action ?? '', '-i', '{"naem":1}', '--json'], options)
    expect(wrong.json().error.code).toBe('input.invalid')
  })
})

test('a file or folder that is there stays as it is', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  const file = join(workspace.path, 'mine.lua')
  await writeFile(file, 'return {}')
  const result = await bulkhead(['new', 'mine', '--language', 'lua', '--single-file'], options)
  expect(result.code).toBe(2)
  expect(await readFile(file, 'utf8')).toBe('return {}')
})
