import { readFile } from 'node:fs/promises'
import { afterAll, expect, it } from 'vitest'
import { endBuilds, generateBootstrap, generatedPath } from '../scripts/generate-bootstrap.ts'

afterAll(() => endBuilds())

it('src/generated/bootstrap.ts is what guest/ and the SDK make (run scripts/generate-bootstrap.ts)', async () => {
  const [written, wanted] = [await readFile(generatedPath, 'utf8'), await generateBootstrap()]
  expect(written === wanted).toBe(true)
})
