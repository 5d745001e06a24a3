import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeCliReference } from './reference.ts'

test('docs/reference/cli.md says what the commands say', async () => {
  const page = await readFile(new URL('../../../../docs/reference/cli.md', import.meta.url), 'utf8')
  expect(page, 'run: node scripts/generate-cli-reference.ts').toBe(makeCliReference())
})
