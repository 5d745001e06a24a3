// While a plugin is replaced, two loaded copies may be one principal at one digest: they share a registration at the gate,
// and the last to go takes it away.

import type { Principal, RegisteringGate } from '@bulkhead/kernel'

/** The part of a gate that knows principals. */
export type PrincipalRegister = Pick<RegisteringGate, 'register' | 'unregister'>

/** Counts the copies of each principal. */
export const shareRegistrations = (gate: PrincipalRegister): PrincipalRegister => {
  const copies = new Map<string, number>()
  const keyOf = ({ id, digest }: Principal): string => `${digest} ${id}`
  return {
    register: (principal, registration) => {
      gate.register(principal, registration)
      const key = keyOf(principal)
      copies.set(key, (copies.get(key) ?? 0) + 1)
    },
    unregister: (principal) => {
      const key = keyOf(principal)
      const left = (copies.get(key) ?? 1) - 1
      if (left > 0) {
        copies.set(key, left)
        return
      }
      copies.delete(key)
      gate.unregister(principal)
    },
  }
}
