// The one table of what a plugin's `host` object offers, in every language. Data only: JavaScript's objects, the areas of the
// other interpreters, type declarations, editor stubs and reference pages are all made from it. A test holds each row
// against the host function that it calls.

import type { GuestMethod } from './guest-api/guest-method.ts'
import { noteRows } from './guest-api/note-rows.ts'
import { outwardRows } from './guest-api/outward-rows.ts'
import { pureRows } from './guest-api/pure-rows.ts'

export type { GuestMethod } from './guest-api/guest-method.ts'

/** The table, areas together. `log` is not in it: it is on the guest's side, for its arguments are formatted there. */
export const guestApi: readonly GuestMethod[] = [...outwardRows, ...noteRows, ...pureRows]
