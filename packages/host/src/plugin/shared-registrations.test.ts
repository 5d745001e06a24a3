import { expect, test } from 'vitest'
import { shareRegistrations } from './shared-registrations.ts'

test('the last copy of a principal takes its registration away, and another digest is another principal', () => {
  const known = new Set<string>()
  const register = shareRegistrations({
    register: ({ id, digest }) => void known.add(`${id} ${digest}`),
    unregister: ({ id, digest }) => void known.delete(`${id} ${digest}`),
  })
  const one = { id: 'file:/a#a', name: 'a', digest: '1' }
  const asks = { asks: [], denies: [] }
  register.register(one, asks)
  register.register({ ...one }, asks)
  register.register({ ...one, digest: '2' }, asks)
  register.unregister(one)
  expect([...known]).toEqual(['file:/a#a 1', 'file:/a#a 2'])
  register.unregister(one)
  expect([...known]).toEqual(['file:/a#a 2'])
  register.register(one, asks)
  register.unregister(one)
  expect([...known]).toEqual(['file:/a#a 2'])
})
