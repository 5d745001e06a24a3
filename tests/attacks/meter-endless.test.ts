// A guest that goes round for ever, by whatever construct: the flag ends it, and so does its fuel, also with everything
// caught around it.

import { expect, test } from 'vitest'
import { endlessConstructs, endlessModule } from '../../packages/meter/fuzz/endless.ts'
import { isEnded, openGuest } from '../meter/guest.ts'

const cases = endlessConstructs.flatMap((construct) => ['run', 'again'].map((run) => ({ ...construct, run })))

test.each(cases)('$name, called by $run, ends by the flag', ({ run, ...construct }) => {
  const guest = openGuest(endlessModule(construct))
  guest.registers.flag = true
  guest.registers.onInterrupt = () => (guest.registers.interrupts < 100 ? 0 : guest.registers.kill())
  expect(isEnded(guest.call(run))).toBe(true)
  expect(guest.registers.interrupts).toBe(100)
})

test.each(cases)('$name, called by $run, ends with its fuel', ({ run, ...construct }) => {
  const bytes = endlessModule(construct)
  const guest = openGuest(bytes, { fuel: true })
  guest.registers.fuel.value = 5000n
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call(run))).toBe(true)
  expect(guest.registers.interrupts).toBe(1)
  // No more than it had and what one stretch of code costs, or a loop takes in advance.
  expect(Number(guest.registers.fuel.value)).toBeLessThan(0)
  expect(Number(guest.registers.fuel.value)).toBeGreaterThan(-2048)
})
