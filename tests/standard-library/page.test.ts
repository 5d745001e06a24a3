// The examples of docs/how-to/standard-library.md: each is a plugin, and gives in every language what the page shows.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { blocksOf } from '../support/page-reader.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const endings: Readonly<Record<string, string>> = { js: 'js', lua: 'lua', rune: 'rune' }

interface Example {
  readonly language: string
  readonly source: string
  /** What the next block of JSON shows. */
  readonly shown: unknown
}

const blocks = await blocksOf('docs/how-to/standard-library.md')
const examples = blocks.flatMap(({ language, text }, index): Example[] => {
  const json = blocks.slice(index).find((block) => block.language === 'json')
  if (!Object.hasOwn(endings, language) || json === undefined) return []
  return [{ language, source: text, shown: JSON.parse(json.text) as unknown }]
})

let workspace: Workspace
beforeAll(async () => {
  workspace = await openWorkspace()
})
afterAll(() => workspace[Symbol.asyncDispose]())

test('there are as many examples in each language', () => {
  const count = (wanted: string): number => examples.filter(({ language }) => language === wanted).length
  expect(count('js')).toBeGreaterThan(3)
  expect([count('lua'), count('rune')]).toEqual([count('js'), count('js')])
})

test.each(examples.map((example, index) => [`${example.language}, block ${index}`, example] as const))(
  '%s',
  async (_name, { language, source, shown }) => {
    const file = await workspace.write(`sample.${endings[language]}`, source)
    await using host = await openWorkspaceHost(workspace, { plugins: [], policy: { boundary: 'thread' } })
    const { id } = await host.loadPlugin(file)
    expect(await host.call(id, 'go')).toEqual(shown)
  },
)
