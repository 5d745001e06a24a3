// How guest code is entered: so that it can be suspended (JSPI). What comes of that is a promise, also when the guest has
// returned before the host goes on, and waiting for promises takes a small call longer than all of its own. So the guest is
// entered through a function of ours that calls it and then writes down that, and what, it returned. When the guest was
// suspended or trapped, nothing is written, and the promise says what becomes of it.

import { shimModule } from './entrance-shim.ts'
import { epochWords, type Registers } from './registers.ts'
import { type WasmModule, webAssembly } from './web-assembly.ts'
import type { Awaitable } from '@bulkhead/kernel'

/** Entries after which a function of ours is made for an exported one: that takes as long as some tens of promises. */
const manyEntries = 64
/** Most parameters of a function that gets one. */
const mostParameters = 8

type Args = readonly (number | bigint)[]

/** The entrances of one thread's exported functions. */
export class Entrances {
  readonly #registers: Registers
  readonly #known = new WeakMap<object, Entrance>()

  constructor(registers: Registers) {
    this.#registers = registers
  }

  of(exported: unknown): Entrance {
    const known = this.#known.get(exported as object)
    if (known !== undefined) return known
    const made = new Entrance(exported, this.#registers)
    this.#known.set(exported as object, made)
    return made
  }
}

/** The way into one exported function. */
class Entrance {
  readonly #exported: unknown
  readonly #registers: Registers
  #run: (...args: Args) => Promise<unknown>
  #entries = 0
  /** Whether what it returns is written down. */
  #isNoted = false

  constructor(exported: unknown, registers: Registers) {
    this.#exported = exported
    this.#registers = registers
    this.#run = webAssembly.promising(exported)
  }

  /** Enters; answers at once when the guest has returned. The promise rejects with whatever it throws. */
  enter(args: Args): Awaitable<unknown> {
    if (!this.#isNoted && ++this.#entries === manyEntries) this.#note()
    if (!this.#isNoted) return this.#run(...args)
    const { words } = this.#registers
    words[epochWords.returned] = 0
    const running = this.#run(...args)
    return words[epochWords.returned] === 0 ? running : words[epochWords.result]
  }

  #note(): void {
    const { length } = this.#exported as { readonly length: number }
    if (length > mostParameters) return
    try {
      const { exports } = new webAssembly.Instance(compiledShim(length), {
        '': { guest: this.#exported as object, epoch: this.#registers.epoch },
      })
      this.#run = webAssembly.promising(exports['enter'])
      this.#isNoted = true
    } catch (thrown) {
      // A function of another type is none that the shim can call.
      if (!(thrown instanceof webAssembly.LinkError)) throw thrown
    }
  }
}

const shims = new Map<number, WasmModule>()

const compiledShim = (parameters: number): WasmModule => {
  const known = shims.get(parameters)
  if (known !== undefined) return known
  const made = new webAssembly.Module(shimModule(parameters))
  shims.set(parameters, made)
  return made
}
