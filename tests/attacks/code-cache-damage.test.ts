// An entry of the cache of rewritten modules is damaged on disk: by a bad sector, a crash in the middle of a write, or a
// hand. It must never be run; it is built again and replaced.

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keepOne, moduleBytes, openTestCache } from '../support/code-cache.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const flipBit = (path: string, at: number): void => {
  const bytes = readFileSync(path)
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

test.each<[string, (paths: { entry: string; record: string }) => void]>([
  ['a flipped bit in the first byte', ({ entry }) => flipBit(entry, 0)],
  ['a flipped bit in the last byte', ({ entry }) => flipBit(entry, -1)],
  ['cut short', ({ entry }) => truncateSync(entry, 500)],
  ['empty, as after a loss of power', ({ entry }) => truncateSync(entry, 0)],
  ['grown', ({ entry }) => appendFileSync(entry, 'x')],
  ['replaced by other bytes of the same length', ({ entry }) => writeFileSync(entry, moduleBytes(9))],
  ['another length in the record', ({ record }) => flipBit(record, 'bulkhead-module-1 '.length)],
  ['another hash in the record', ({ record }) => flipBit(record, 'bulkhead-module-1 1000 '.length)],
  ['another seal', ({ record }) => flipBit(record, 'bulkhead-module-1 1000 '.length + 65)],
  ['other facts', ({ record }) => writeFileSync(record, readFileSync(record, 'utf8').replace('"seed":1', '"seed":2'))],
  ['facts that go on', ({ record }) => appendFileSync(record, ' ')],
  ['a record cut short', ({ record }) => truncateSync(record, 60)],
  ['an empty record', ({ record }) => truncateSync(record, 0)],
  ['a record that is not text', ({ record }) => writeFileSync(record, new Uint8Array(500).fill(0xff))],
])('%s', async (_what, damage) => {
  await using home = await openTemporaryFolder()
  const paths = keepOne(home.path)
  damage(paths)
  using cache = openTestCache(home.path)
  expect(cache.get('a')).toBeUndefined()
  expect(cache.said.join()).toContain('built again')

  const module = { bytes: moduleBytes(1), facts: JSON.stringify({ seed: 1 }) }
  cache.put('a', module)
  expect(cache.get('a')).toEqual(module)
})
