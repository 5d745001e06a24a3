import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockTable } from './block-table.ts'

test('it holds what a map would hold', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 30 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new BlockTable()
      const model = new Map<number, number>()
      for (const [choice, offset] of steps) {
        if (choice === 0) {
          table.clear()
          model.clear()
        } else if (choice < 40) {
          table.delete(offset)
          model.delete(offset)
        } else if (!model.has(offset)) {
          table.add(offset, choice)
          model.set(offset, choice)
        }
        expect(table.size).toBe(model.size)
        for (let at = 0; at <= 30; at++) expect(table.get(at)).toBe(model.get(at))
      }
    }),
  )
})
