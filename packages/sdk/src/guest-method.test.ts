import { expect, test } from 'vitest'
import type { GuestMethod } from './guest-api.ts'
import { makeArea } from './guest-method.ts'

const row = (more: Partial<GuestMethod>): GuestMethod => ({
  area: 'orders',
  name: 'look_up',
  calls: 'orders.lookup',
  positional: [],
  options: false,
  result: 'whole',
  ...more,
})

/** What is sent, and what comes back of the answer. */
const use = async (more: Partial<GuestMethod>, given: readonly unknown[], answer: unknown = null) => {
  const sent: unknown[] = []
  const call = async (name: string, input: unknown) => {
    sent.push(name, input)
    return answer
  }
  const area = makeArea([row(more)], call as never) as { lookUp(...given: readonly unknown[]): Promise<unknown> }
  return { sent, result: await area.lookUp(...given) }
}

test('arguments become fields by their place, options come below them, fixed fields above all', async () => {
  const more = { positional: ['id', 'note?'], options: true, fixed: { mode: 'quick' } }
  expect((await use(more, [1])).sent).toEqual(['orders.lookup', { id: 1, mode: 'quick' }])
  expect((await use(more, [1, 'n', { id: 2, mode: 'slow', deep: true }])).sent[1]).toEqual({
    id: 1,
    note: 'n',
    mode: 'quick',
    deep: true,
  })
  expect((await use({ positional: ['id'] }, [1, { deep: true }])).sent[1]).toEqual({ id: 1 })
})

test('a text where bytes belong crosses as its UTF-8, wherever it was given', async () => {
  const more = { positional: ['data?'], options: true, bytes: ['data'] }
  const bytes = new TextEncoder().encode('QUJD')
  expect((await use(more, ['QUJD'])).sent[1]).toEqual({ data: bytes })
  expect((await use(more, [undefined, { data: 'QUJD' }])).sent[1]).toEqual({ data: bytes })
  expect((await use(more, [bytes])).sent[1]).toEqual({ data: bytes })
})

test('results are the whole, nothing, or a member that may be absent', async () => {
  const output = { found: true, value: 0 }
  expect((await use({}, [], output)).result).toBe(output)
  expect((await use({ result: 'nothing' }, [], output)).result).toBeUndefined()
  expect((await use({ result: { field: 'value' } }, [], output)).result).toBe(0)
  const optional: Partial<GuestMethod> = { result: { field: 'value', unless: 'found' } }
  expect((await use(optional, [], output)).result).toBe(0)
  expect((await use(optional, [], { found: false, value: null })).result).toBeUndefined()
  const nullable: Partial<GuestMethod> = { result: { field: 'value', unless: 'value' } }
  expect((await use(nullable, [], { value: null })).result).toBeUndefined()
  expect((await use(nullable, [], { value: '' })).result).toBe('')
})
