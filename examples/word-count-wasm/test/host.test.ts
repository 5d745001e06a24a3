// The built module as our own host runs it.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import '../build.js'

const plugin = fileURLToPath(new URL('..', import.meta.url))

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bulkhead-word-count-'))
})
afterEach(() => rm(home, { recursive: true }))

test('counts through JSON and through bytes alike', async () => {
  const bytes = await readFile(new URL('../../texts/loomings.txt', import.meta.url))
  await using host = await openHost({ plugins: [plugin], home })
  const counted = await host.call('word-count-wasm', 'count', { text: bytes.toString('utf8') })
  expect(counted).toMatchObject({ words: 1_844 })
  const { output } = await host.invokeRaw('word-count-wasm', 'count_bytes', new Uint8Array(bytes))
  expect(JSON.parse(Buffer.from(output).toString('utf8'))).toEqual(counted)
})

test('its error is the plugin’s own', async () => {
  await using host = await openHost({ plugins: [plugin], home })
  await expect(host.call('word-count-wasm', 'readability', { text: ' ' })).rejects.toMatchObject({
    code: 'plugin.failed',
    message: expect.stringContaining('no words') as string,
  })
})
