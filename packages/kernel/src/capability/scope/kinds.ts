// Which matcher reads the scope of which capability name.

import { commandScope } from './command.ts'
import { environmentScope } from './environment.ts'
import { genericScope } from './generic.ts'
import { networkScope } from './network.ts'
import { notesScope } from './notes.ts'
import { pathScope } from './path.ts'
import { privateAddressScope } from './private-address.ts'
import type { ScopeKind } from './scope.ts'

const exactNames: ReadonlyMap<string, ScopeKind> = new Map([
  ['network', networkScope],
  ['network.private', privateAddressScope],
  ['env', environmentScope],
])
const families: ReadonlyMap<string, ScopeKind> = new Map([
  ['filesystem', pathScope],
  ['exec', commandScope],
  ['notes', notesScope],
])

/** The matcher for a capability name: its own, its family's (`filesystem.read`), or the literal one. */
export const scopeKindOf = (name: string): ScopeKind =>
  exactNames.get(name) ?? families.get(name.split('.', 1)[0] ?? '') ?? genericScope
