// What the meter answers when it refuses a module. It belongs to no other package: the cell maps the codes, which are
// spelt as the kernel spells them.

/** Why a module was refused. */
export type FaultCode =
  | 'artifact.not-wasm'
  | 'artifact.invalid'
  | 'artifact.feature'
  | 'artifact.too-large'
  | 'limit.memory'

/** A refusal. */
export interface Fault {
  readonly code: FaultCode
  readonly message: string
}

/** Thrown inside the meter only; the entry points turn it into a {@link Fault}. */
export class ModuleFault extends Error {
  readonly code: FaultCode

  constructor(code: FaultCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A module that breaks the binary format. */
export const invalid = (message: string): ModuleFault => new ModuleFault('artifact.invalid', message)

/** A module that uses something that is off. */
export const feature = (message: string): ModuleFault => new ModuleFault('artifact.feature', message)
