// Does every guest end when it has to? Modules that count no work of their own, and constructs that go round for ever,
// are run until the flag, the fuel or an import ends them. From then on nothing of theirs may be seen.

import { endlessConstructs, endlessModule } from './endless.ts'
import { engine } from './engine.ts'
import { generateModule, type GeneratedModule } from './generate.ts'
import { answers, meterOrThrow, Registers } from './metering.ts'
import { Prng } from './prng.ts'
import type { Finding, Tally } from './report.ts'
import { World } from './world.ts'

/**
 * The most that one unpaid stretch may cost beside its instructions: a bulk operation pays for its length at once, even where
 * it traps since there is not so much. That is 2^32 bytes of a memory, or an array of 2^32 elements of 16 bytes.
 */
const mostBulkPrice = { inMemory: 2 ** 26, onHeap: 2 ** 32 } as const

type Means = 'flag' | 'fuel' | 'import'

/** Tries the module of one seed; some seeds stand for a construct that goes round for ever. */
export const tryTermination = (seed: number, tally: Tally): Finding | undefined => {
  const random = new Prng(seed)
  const finding = (what: string, bytes: Uint8Array): Finding => ({ oracle: 'termination', seed, what, bytes })
  tally.modules++
  const means = random.pick<Means>(['flag', 'fuel', 'import'])
  if (random.chance(20)) {
    const construct = random.pick(endlessConstructs)
    const bytes = endlessModule(construct)
    const what = runEndless(bytes, random)
    tally.ended++
    return what === undefined ? undefined : finding(`${construct.name}: ${what}`, bytes)
  }
  const module = generateModule(seed, { bounded: false })
  if (!engine.validate(module.bytes))
    return finding('the generator made a module that the engine refuses', module.bytes)
  const what = runToEnd(module, { random, means, tally })
  return what === undefined ? undefined : finding(`${means}: ${what}`, module.bytes)
}

/** Runs one of the constructs; each must end with a trap, the code around it with it. */
export const runEndless = (bytes: Uint8Array, random: Prng): string | undefined => {
  const fuel = random.chance(50)
  const metered = meterOrThrow(bytes, { fuel })
  const registers = new Registers()
  let asks = random.between(0, 1500)
  if (fuel) registers.fuel.value = BigInt(random.between(0, 30_000))
  else registers.flag = true
  registers.onInterrupt = () => (fuel || asks-- <= 0 ? registers.kill() : answers.goOn)
  const instance = new engine.Instance(new engine.Module(metered.bytes), registers.importsFor(metered))
  const name = random.pick(['run', 'again'])
  try {
    const run = instance.exports[name] as () => unknown
    run()
    return `${name} came back`
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    if (!(thrown instanceof engine.RuntimeError)) return `${name} threw ${String(thrown)}`
  }
  return fuel ? overdrawn(registers, 0) : undefined
}

const runToEnd = (
  module: GeneratedModule,
  { random, means, tally }: { random: Prng; means: Means; tally: Tally },
): string | undefined => {
  const metered = meterOrThrow(module.bytes, { fuel: means === 'fuel' })
  const world = new World(module)
  world.mayCallBack = true
  const registers = new Registers()
  let asks = random.between(0, 2000)
  let imports = random.between(0, 30)
  let interruptsAtEnd: number | undefined
  let late: string | undefined
  const end = (): number => {
    interruptsAtEnd = registers.interrupts
    // No host enters a guest that it has ended.
    world.mayCallBack = false
    return registers.kill()
  }
  registers.flag = means !== 'fuel'
  if (means === 'fuel') registers.fuel.value = BigInt(random.between(0, 20_000))
  // Whatever the means, no run is waited for: after many interrupts the flag ends it.
  registers.onInterrupt = () => {
    if (interruptsAtEnd !== undefined) late ??= 'asked again after it was to die'
    if (means === 'fuel' || asks-- <= 0 || (means === 'import' && registers.interrupts > 3000)) return end()
    return answers.goOn
  }
  world.onImport = () => {
    if (registers.isDead) late ??= 'called an import after its end'
    // A program of many imports and few checks ends as well.
    if (means === 'import' && imports-- <= 0) end()
  }
  let thrown: unknown
  let isOver = false
  try {
    const instance = new engine.Instance(new engine.Module(metered.bytes), {
      ...world.imports,
      ...registers.importsFor(metered),
    })
    world.instance = instance
    const start = metered.startExport === undefined ? [] : [metered.startExport]
    for (const name of [...start, ...Object.keys(instance.exports).filter((exported) => /^f\d+$/u.test(exported))]) {
      const args = start.includes(name) ? [] : world.argumentsOf(name)
      if (args === undefined) continue
      try {
        const run = instance.exports[name] as (...given: readonly unknown[]) => unknown
        run(...args)
        isOver = true
      } catch (caught) {
        thrown = caught
        isOver = false
      }
      if (registers.isDead) break
    }
  } catch (caught) {
    if (registers.isDead) return `instantiation threw ${String(caught)}`
    return undefined
  }
  if (late !== undefined) return late
  if (!registers.isDead) return undefined
  tally.ended++
  if (isOver) return 'came back from a call in which it was to die'
  if (!(thrown instanceof engine.RuntimeError) && !(thrown instanceof RangeError)) {
    return `threw ${String(thrown)} instead of a trap`
  }
  return means === 'fuel'
    ? overdrawn(registers, module.plan.heaps.length > 0 ? mostBulkPrice.onHeap : mostBulkPrice.inMemory)
    : undefined
}

/**
 * Units beyond what a guest has, at most, beside those of a bulk operation: what loops take in advance, and what functions that
 * they call use until the advance is used up.
 */
const mostOverdrawn = 2 ** 18

const overdrawn = (registers: Registers, more: number): string | undefined => {
  const left = Number(registers.fuel.value)
  return left < -(mostOverdrawn + more) ? `used ${-left} more than it had` : undefined
}
