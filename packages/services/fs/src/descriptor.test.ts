import { openSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDescriptor, writeDescriptor } from './descriptor.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

const opened = (length: number): number => {
  writeFileSync(join(folder, 'file'), 'x'.repeat(length))
  return openSync(join(folder, 'file'), 'r')
}

test.each([0, 1, 7, 10])('a file that grew to 10 bytes since it said %i is read whole', async (expected) => {
  expect(await readDescriptor(opened(10), expected, { maxBytes: 10, what: 'x' })).toHaveLength(10)
})

test('a file that grew past the cap is refused, whatever it said before', async () => {
  await expect(readDescriptor(opened(11), 3, { maxBytes: 10, what: 'x' })).rejects.toMatchObject({
    code: 'limit.file-size',
  })
})

test('a file that shrank ends where it ends', async () => {
  expect(await readDescriptor(opened(2), 10, { maxBytes: 10, what: 'x' })).toHaveLength(2)
})

test('all of a long text is written', async () => {
  const fd = openSync(join(folder, 'long'), 'w+')
  await writeDescriptor(fd, new Uint8Array(3_000_000).fill(7))
  const read = openSync(join(folder, 'long'), 'r')
  expect(await readDescriptor(read, 0, { maxBytes: 3_000_000, what: 'x' })).toHaveLength(3_000_000)
})
