import { readFile } from 'node:fs/promises'
import { afterAll, expect, it } from 'vitest'
import { endBuilds, generatedPath, generateGuest } from '../scripts/generate-guest.ts'

afterAll(() => endBuilds())

it('src/generated/guest.ts is what guest/ and the SDK make (run scripts/generate-guest.ts)', async () => {
  const [written, wanted] = [await readFile(generatedPath, 'utf8'), await generateGuest()]
  expect(written === wanted).toBe(true)
})
