// State machines.

import type { KeptIn } from '../kept-value.ts'
import { checkMachine, type MachineDefinition } from './definition.ts'
import { machineToDot, machineToMermaid } from './diagrams.ts'
import { Machine, type SavedMachine } from './machine.ts'
import { PersistedMachine } from './persisted.ts'

/** A machine that was checked, ready to start. */
export interface DefinedMachine<Context> {
  readonly id: string
  /** Starts anew, or from what was saved. */
  start(saved?: SavedMachine): Machine<Context>
  /** The machine that is kept under a key of the host's store. */
  persisted(key: string, where?: KeptIn): PersistedMachine<Context>
  toDot(): string
  toMermaid(): string
}

// Plain objects, so that a bundler can leave out what a plugin does not use.
/** `machine.define({ id, initial, context, states })`. */
export const machine = {
  /** Checks a machine. @throws PluginError `machine.invalid` */
  define: <Context = Record<string, unknown>>(definition: MachineDefinition<Context>): DefinedMachine<Context> => {
    const checked = checkMachine(definition)
    return {
      id: checked.id,
      start: (saved) => new Machine(checked, saved),
      persisted: (key, where) => new PersistedMachine(checked, key, where),
      toDot: () => machineToDot(checked),
      toMermaid: () => machineToMermaid(checked),
    }
  },
  /** The same as `machine.define(definition).persisted(key, where)`. */
  persisted: <Context = Record<string, unknown>>(
    definition: MachineDefinition<Context>,
    key: string,
    where?: KeptIn,
  ): PersistedMachine<Context> => machine.define(definition).persisted(key, where),
}
