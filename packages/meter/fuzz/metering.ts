// Meters a module for the fuzzers and supplies what the meter's imports stand for: flag, state, fuel, interrupt, yield.

import { type MeteredModule, type MeterOptions, meterModule, meterNamespace } from '../src/index.ts'
import { engine, type WasmGlobal, type WasmImports, type WasmMemory } from './engine.ts'

/** Limits so wide that no generated module meets them. */
export const wideOptions: MeterOptions = {
  maxMemoryPages: 1024,
  maxTableElements: 100_000,
  maxModuleBytes: 100 * 1024 * 1024,
  fuel: false,
  features: { gc: true, threads: true, memory64: true },
  validate: (bytes) => (engine.validate(bytes) ? undefined : 'the engine refuses it'),
}

/** Meters a module that must be taken. @throws Error when it is refused */
export const meterOrThrow = (bytes: Uint8Array, options: Partial<MeterOptions> = {}): MeteredModule => {
  const result = meterModule(bytes, { ...wideOptions, ...options })
  if (!result.ok) throw new Error(`the meter refuses the module: ${result.fault.code}: ${result.fault.message}`)
  return result.module
}

/** What `interrupt` may answer. */
export const answers = { goOn: 0, die: 1, pause: 2 } as const

/** Bits of the state. */
export const stateBits = { dead: 1, growthRefused: 2, lastingChange: 4 } as const

/** The registers of a thread, and what its interrupt does. */
export class Registers {
  readonly epoch: WasmMemory = new engine.Memory({ initial: 1, maximum: 1, shared: true })
  readonly state: WasmGlobal = new engine.Global({ value: 'i32', mutable: true }, 0)
  readonly fuel: WasmGlobal = new engine.Global({ value: 'i64', mutable: true }, 1n << 60n)
  readonly allocation: WasmGlobal = new engine.Global({ value: 'i64', mutable: true }, 1n << 60n)
  readonly #flag: Int32Array
  /** How often a guest asked. */
  interrupts = 0
  /** How often a guest was paused. */
  pauses = 0
  /** Replaced by whoever wants more than to go on. */
  onInterrupt: () => number = () => answers.goOn

  constructor() {
    this.#flag = new Int32Array(this.epoch.buffer)
  }

  /** Whether guests ask at their next check. */
  set flag(up: boolean) {
    this.#flag[0] = up ? 1 : 0
  }

  /** Every word of the memory that the flag lies in, but the flag: nothing may ever write there. */
  get isEpochClean(): boolean {
    return this.#flag.subarray(1).every((word) => word === 0)
  }

  get isDead(): boolean {
    return (Number(this.state.value) & stateBits.dead) !== 0
  }

  /** Ends the guest as a host does it. */
  kill(): number {
    this.state.value = Number(this.state.value) | stateBits.dead
    return answers.die
  }

  /** The imports of a metered module, with memories for its own ones. */
  importsFor({ memories }: MeteredModule): WasmImports {
    const own: Record<string, unknown> = {
      epoch: this.epoch,
      state: this.state,
      fuel: this.fuel,
      allocation: this.allocation,
      interrupt: () => {
        this.interrupts++
        return this.onInterrupt()
      },
      yield: new engine.Suspending(async () => {
        this.pauses++
      }),
    }
    for (const memory of memories) {
      if (!memory.own) continue
      own[memory.from.name] = makeMemory(memory)
    }
    return { [meterNamespace]: own }
  }
}

const makeMemory = ({ min, max, shared, is64 }: MeteredModule['memories'][number]): WasmMemory => {
  const pages = (count: number): number | bigint => (is64 ? BigInt(count) : count)
  return new engine.Memory({
    initial: pages(min),
    ...(max === undefined ? {} : { maximum: pages(max) }),
    ...(shared ? { shared } : {}),
    ...(is64 ? { address: 'i64' } : {}),
  })
}
