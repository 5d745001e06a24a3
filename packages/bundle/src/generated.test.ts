import { readFile } from 'node:fs/promises'
import { afterAll, expect, it } from 'vitest'
import { generatedPath, generateSdk } from '../scripts/generate-sdk.ts'
import { endBuilds } from '../scripts/guest-source.ts'

afterAll(() => endBuilds())

it('src/generated/sdk.ts is what the SDK makes (run scripts/generate-sdk.ts)', async () => {
  const [written, wanted] = [await readFile(generatedPath, 'utf8'), await generateSdk()]
  expect(written === wanted).toBe(true)
})
