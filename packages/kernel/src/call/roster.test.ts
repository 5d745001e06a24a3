import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Roster } from './roster.ts'

test('it holds what a set of entries would hold, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 100 }), (steps) => {
      const roster = new Roster<number>()
      const model = new Map<number, { leave(): void }>()
      let next = 0
      for (const step of steps) {
        if (step > 0) {
          model.set(next, roster.add(next))
          next++
        } else if (step === -20) {
          roster.clear()
          model.clear()
        } else {
          const [member, entry] = [...model][-step] ?? []
          if (member === undefined) continue
          entry?.leave()
          entry?.leave()
          model.delete(member)
        }
        expect([...roster]).toEqual([...model.keys()])
      }
    }),
  )
})

test('members that leave while it is walked through are not seen any more, and the walk goes on', () => {
  const roster = new Roster<string>()
  const entries = ['a', 'b', 'c', 'd'].map((name) => roster.add(name))
  const seen: string[] = []
  for (const member of roster) {
    seen.push(member)
    // The one that it stands on, the next, and one behind.
    if (member === 'b') for (const entry of entries.slice(0, 3)) entry.leave()
  }
  expect(seen).toEqual(['a', 'b', 'd'])
  expect([...roster]).toEqual(['d'])
})

test('entries of before a clearing leave without harm', () => {
  const roster = new Roster<string>()
  const old = roster.add('old')
  roster.clear()
  roster.add('new')
  old.leave()
  expect([...roster]).toEqual(['new'])
})

test('some are taken out', () => {
  const roster = new Roster<number>()
  const entries = [1, 2, 3, 4].map((member) => roster.add(member))
  expect(roster.takeOut((member) => member % 2 === 0)).toEqual([2, 4])
  for (const entry of entries.slice(0, 2)) entry.leave()
  expect([...roster]).toEqual([3])
})

test('an entry that was left does not hold those that came after it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const roster = new Roster<object>()
  const kept = roster.add({})
  const gone = (() => {
    const member = {}
    const entry = roster.add(member)
    kept.leave()
    entry.leave()
    return new WeakRef(member)
  })()
  for (let turn = 0; turn < 20 && gone.deref() !== undefined; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    collect()
  }
  expect(gone.deref()).toBeUndefined()
  kept.leave()
})
