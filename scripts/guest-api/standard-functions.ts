// The standard host functions as declarations, by area: what references, types and stubs are made from. Nothing here runs
// a function: the ports are empty.

import type { AnyHostFunction } from '../../packages/kernel/src/index.ts'
import { makeEnvFunctions } from '../../packages/services/env/src/index.ts'
import { makeFsFunctions } from '../../packages/services/fs/src/index.ts'
import { makeHttpFunctions } from '../../packages/services/http/src/index.ts'
import { makeKvFunctions } from '../../packages/services/kv/src/index.ts'
import { makeLogFunctions } from '../../packages/services/log/src/index.ts'
import { makeNotesFunctions } from '../../packages/services/notes/src/index.ts'
import { openStandardLibrary } from '../../packages/services/std/src/index.ts'

// It starts nothing before a function runs.
const { functions: computations } = openStandardLibrary({ clock: { now: () => 0 } })
const inArea = (area: string): AnyHostFunction[] => computations.filter(({ name }) => name.startsWith(`${area}.`))

/** Areas in the order in which they are described. */
export const standardFunctions: Readonly<Record<string, readonly AnyHostFunction[]>> = {
  http: makeHttpFunctions({} as Parameters<typeof makeHttpFunctions>[0]),
  fs: makeFsFunctions(),
  env: makeEnvFunctions({ env: {} }),
  kv: makeKvFunctions({} as Parameters<typeof makeKvFunctions>[0]),
  notes: makeNotesFunctions({} as Parameters<typeof makeNotesFunctions>[0], undefined),
  graph: inArea('graph'),
  yaml: inArea('yaml'),
  csv: inArea('csv'),
  regex: inArea('regex'),
  time: inArea('time'),
  log: makeLogFunctions({} as Parameters<typeof makeLogFunctions>[0]),
}

/** By name. */
export const functionsByName: ReadonlyMap<string, AnyHostFunction> = new Map(
  Object.values(standardFunctions).flatMap((functions) => functions.map((one) => [one.name, one] as const)),
)
