// Runs a generated module from its instantiation through a call of every export, once as it stands and in each of the
// ways that the meter writes it.

import type { MeteredModule } from '../src/index.ts'
import { engine, type WasmModule } from './engine.ts'
import type { GeneratedModule } from './generate.ts'
import { answers, Registers } from './metering.ts'
import { Prng } from './prng.ts'
import { World } from './world.ts'

/** How a metered module is run. */
export interface Way {
  readonly name: string
  /** Whether instructions are counted. */
  readonly fuel: boolean
  /** Whether the flag goes up at random, and what is answered then. */
  readonly slowPath: 'never' | 'go on' | 'pause'
}

/** All ways that are compared. */
export const ways: readonly Way[] = [
  { name: 'epoch', fuel: false, slowPath: 'never' },
  { name: 'epoch, interrupted', fuel: false, slowPath: 'go on' },
  { name: 'epoch, paused', fuel: false, slowPath: 'pause' },
  { name: 'fuel', fuel: true, slowPath: 'never' },
  { name: 'fuel, interrupted', fuel: true, slowPath: 'go on' },
]

/** What can be seen of a run. */
export interface Outcome {
  readonly log: readonly string[]
  readonly memories: readonly Uint8Array[]
  /** Undefined for a module that is not metered. */
  readonly registers: Registers | undefined
  readonly hasOverflown: boolean
}

const workOfACall = 3000

/** Runs the module as it stands. `callBacks` as in {@link runMetered}. */
export const runPlain = async (module: GeneratedModule, callBacks: boolean): Promise<Outcome> => {
  const world = new World(module)
  await play(module, world, {
    callBacks,
    open: () => new engine.Instance(new engine.Module(module.bytes), world.imports),
    start: undefined,
    call: (run, args) => run(...args),
  })
  return { log: world.log, memories: world.memories(), registers: undefined, hasOverflown: world.hasOverflown }
}

/** Runs it metered. With `callBacks` imports may call exports, which a guest that is paused cannot bear. */
export const runMetered = async (
  module: GeneratedModule,
  { metered, compiled, way }: { metered: MeteredModule; compiled: WasmModule; way: Way },
  callBacks: boolean,
): Promise<Outcome> => {
  const world = new World(module)
  const registers = new Registers()
  const random = new Prng(module.seed ^ 0xf1a9)
  let most = 400
  if (way.slowPath !== 'never') {
    registers.flag = true
    registers.onInterrupt = () => {
      registers.flag = --most > 0 && random.chance(70)
      return way.slowPath === 'pause' && random.chance(50) ? answers.pause : answers.goOn
    }
    world.onImport = () => {
      if (most > 0 && random.chance(50)) registers.flag = true
    }
  }
  await play(module, world, {
    callBacks,
    open: () => new engine.Instance(compiled, { ...world.imports, ...registers.importsFor(metered) }),
    start: metered.startExport,
    call: (run, args) => {
      if (most > 0 && way.slowPath !== 'never') registers.flag = true
      return way.slowPath === 'pause' ? engine.promising(run)(...args) : run(...args)
    },
  })
  return { log: world.log, memories: world.memories(), registers, hasOverflown: world.hasOverflown }
}

interface Play {
  readonly callBacks: boolean
  readonly start: string | undefined
  open(): World['instance']
  call(run: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): unknown
}

const play = async ({ plan }: GeneratedModule, world: World, { callBacks, open, start, call }: Play): Promise<void> => {
  try {
    const instance = open()
    // A start function runs before anybody has the instance.
    if (start !== undefined) await call(instance?.exports[start] as () => unknown, [])
    world.instance = instance
  } catch (thrown) {
    world.log.push(`start: ${world.tellThrown(thrown)}`)
    world.snapshot()
    return
  }
  world.mayCallBack = callBacks
  for (let round = 0; round < 2; round++) {
    for (const [name, exported] of Object.entries(world.instance?.exports ?? {})) {
      if (!/^f\d+$/u.test(name)) continue
      const args = world.argumentsOf(name)
      if (args === undefined) continue
      const work = world.instance?.exports[`g${plan.work}`] as { value: number }
      work.value = workOfACall
      try {
        const result = await call(exported as (...given: readonly unknown[]) => unknown, args)
        world.log.push(`${name}: ${world.tellResult(name, result)}`)
      } catch (thrown) {
        world.log.push(`${name}: ${world.tellThrown(thrown)}`)
      }
    }
    world.snapshot()
  }
}
