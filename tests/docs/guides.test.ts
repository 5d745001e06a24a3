// The guides and the page of the example scripts, followed to the end as a reader would: commands run in the order of the page, files
// are saved, lines are changed, and what the page shows after a command is all that the command printed.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { blocksOf, openPageReader } from '../support/page-reader.ts'

/** Changes one line of a file: `# name`, the line with `-`, the line with `+`. */
const changeLine = async (folder: string, text: string): Promise<void> => {
  const [, name = '', before = '', after = ''] = /^# (.+)\n-(.*)\n\+(.*)\n$/.exec(text) ?? []
  const path = join(folder, name)
  const parts = (await readFile(path, 'utf8')).split(`${before}\n`)
  if (parts.length !== 2) throw new Error(`${name} has ${parts.length - 1} lines that read: ${before}`)
  await writeFile(path, parts.join(`${after}\n`))
}

/** Goes through the page. @returns how many outputs were compared */
const follow = async (page: string): Promise<number> => {
  await using reader = await openPageReader()
  const blocks = await blocksOf(page)
  let compared = 0
  for (const [index, { language, text }] of blocks.entries()) {
    if (language === 'text') continue
    if (language === 'diff') await changeLine(reader.work, text)
    else if (language !== 'sh') await reader.save(text)
    if (language !== 'sh') continue
    const shown = blocks[index + 1]?.language === 'text' ? blocks[index + 1]?.text : undefined
    let all = ''
    let code: number | null = 0
    for (const line of text.trim().split('\n')) {
      const result = await reader.run(line)
      // The folder is another for each reader.
      all += result.all.replaceAll(reader.work, '…')
      code = result.code
      // Only the last command of a block may fail, and then the page shows its error.
      if (code !== 0) break
    }
    // The newline at the end is the terminal's business.
    if (shown !== undefined) expect(`${text}${all.trimEnd()}`).toBe(`${text}${shown.trimEnd()}`)
    expect({ text, failed: code !== 0, all }).toEqual({ text, failed: /^error: /m.test(shown ?? ''), all })
    if (shown !== undefined) compared += 1
  }
  return compared
}

test.each([
  ['docs/tutorial/game-master.md', 10],
  ['docs/tutorial/research.md', 10],
  ['docs/tutorial/game-development.md', 10],
  ['examples/scripts/README.md', 9],
])('%s shows what a reader sees', { timeout: 900_000 }, async (page, least) => {
  expect(await follow(page)).toBeGreaterThanOrEqual(least)
})
