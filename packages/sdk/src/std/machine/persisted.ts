// A machine that lives in the host's store. Each event reads it, changes it and writes it if nobody else did meanwhile; else it begins
// again, so that no change is lost. Its callbacks may therefore run more than once for one event.

import type { JsonValue } from '../../json-schema.ts'
import { failure } from '../failure.ts'
import { type KeptIn, readKept, writeKept } from '../kept-value.ts'
import type { CheckedMachine } from './definition.ts'
import { Machine, type SavedMachine, type SendResult } from './machine.ts'

/** How often an event begins again because another writer came first. */
const mostAttempts = 100

/** See the file's head. */
export class PersistedMachine<Context> {
  readonly #definition: CheckedMachine<Context>
  readonly #key: string
  readonly #where: KeptIn

  constructor(definition: CheckedMachine<Context>, key: string, where: KeptIn = {}) {
    this.#definition = definition
    this.#key = key
    this.#where = where
  }

  /** The machine as it is now; changing it changes nothing that is kept. */
  async read(): Promise<Machine<Context>> {
    const { value } = await readKept<SavedMachine>(this.#key, this.#where)
    return new Machine(this.#definition, value)
  }

  /** Whether the event would change the state now. */
  async can(event: string, data: unknown = null): Promise<boolean> {
    return (await this.read()).can(event, data)
  }

  /** Sends an event and keeps what comes of it. @throws PluginError as {@link Machine.send}, and `machine.conflict` */
  async send(event: string, data: unknown = null): Promise<SendResult> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const { value, version } = await readKept<SavedMachine>(this.#key, this.#where)
      const machine = new Machine(this.#definition, value)
      const result = machine.send(event, data)
      if (!result.changed && value !== undefined) return result
      const kept = { value: machine.save() as unknown as JsonValue, version }
      if ((await writeKept(this.#key, kept, this.#where)) !== undefined) return result
    }
    throw failure('machine.conflict', `machine ${this.#definition.id}: others changed ${this.#key} again and again`)
  }
}
