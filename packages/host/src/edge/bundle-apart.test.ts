// What a jail answers that hostile sources made their own.

import type { Cell } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { makeBundleApart } from './bundle-apart.ts'

/** Bundles where the jail answers with this text. */
const bundle = (json: string) => {
  const cell: Cell = {
    actions: {},
    call: async () => ({ output: { kind: 'value', payload: { json } } }),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const apart = makeBundleApart({ open: async () => cell, prepareJail: () => undefined })
  return apart({ entry: 'a.ts', tree: { read: async () => undefined } }, { name: 'a', domain: 'a' })
}

test('a bundle is two texts', async () => {
  expect(await bundle('{"code":"1","map":"{}"}')).toEqual({ code: '1', map: '{}' })
})

test.each(['null', '{"code":1}', '{"code":"","map":{}}', `{"code":"","more":[${'[],'.repeat(1000)}[]]}`, '{"'])(
  '%.20s is none, and is not taken apart',
  async (json) => {
    await expect(bundle(json)).rejects.toBeInstanceOf(BulkheadError)
  },
)
