import { readFile } from 'node:fs/promises'
import { afterAll, expect, it } from 'vitest'
import * as table from '../scripts/generate-guest-api.ts'
import { endBuilds, generatedPath, generateGuest } from '../scripts/generate-guest.ts'

afterAll(() => endBuilds())

it('src/generated/guest.ts is what guest/ and the SDK make (run scripts/generate-guest.ts)', async () => {
  const [written, wanted] = [await readFile(generatedPath, 'utf8'), await generateGuest()]
  expect(written === wanted).toBe(true)
})

it('src/generated/guest-api.ts is what the table of the SDK makes (run scripts/generate-guest-api.ts)', async () => {
  expect(await readFile(table.generatedPath, 'utf8')).toBe(table.generateGuestApi())
})
