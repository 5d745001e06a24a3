// Does a module mean the same once it is metered? Each generated module is run as it stands and in every way that the
// meter writes it; results, traps, calls of imports, globals, tables and memories must be the same.

import { engine } from './engine.ts'
import { generateModule } from './generate.ts'
import { meterOrThrow, type Registers, stateBits } from './metering.ts'
import type { Finding, Tally } from './report.ts'
import { type Outcome, runMetered, runPlain, ways } from './runs.ts'

/** Tries the module of one seed. */
export const tryDifferential = async (seed: number, tally: Tally): Promise<Finding | undefined> => {
  const module = generateModule(seed)
  const finding = (what: string): Finding => ({ oracle: 'differential', seed, what, bytes: module.bytes })
  tally.modules++
  if (!engine.validate(module.bytes)) return finding('the generator made a module that the engine refuses')
  const plain = { true: await runPlain(module, true), false: await runPlain(module, false) }
  if (plain.true.hasOverflown || plain.false.hasOverflown) {
    tally.skipped++
    return undefined
  }
  tally.calls += plain.true.log.length
  let fuel: unknown
  for (const fuelled of [false, true]) {
    const metered = meterOrThrow(module.bytes, { fuel: fuelled })
    const compiled = new engine.Module(metered.bytes)
    for (const way of ways.filter((known) => known.fuel === fuelled)) {
      const callBacks = way.slowPath !== 'pause'
      const outcome = await runMetered(module, { metered, compiled, way }, callBacks)
      tally.interrupts += outcome.registers?.interrupts ?? 0
      tally.pauses += outcome.registers?.pauses ?? 0
      const difference = compare(plain[callBacks ? 'true' : 'false'], outcome)
      if (difference !== undefined) return finding(`${way.name}: ${difference}`)
      const registers = outcome.registers as Registers
      if (!registers.isEpochClean) return finding(`${way.name}: something was written beside the flag`)
      if ((Number(registers.state.value) & ~(stateBits.growthRefused | stateBits.lastingChange)) !== 0) {
        return finding(`${way.name}: the state has bits that no guest sets: ${String(registers.state.value)}`)
      }
      if (!way.fuel) continue
      // Neither a second run nor an interrupted one may cost another amount.
      fuel ??= registers.fuel.value
      if (fuel !== registers.fuel.value)
        return finding(`${way.name}: fuel ${String(registers.fuel.value)}, was ${String(fuel)}`)
    }
    if (!fuelled) continue
    const [way] = ways.filter((known) => known.fuel)
    if (way === undefined) continue
    const again = await runMetered(module, { metered, compiled, way }, true)
    if (again.registers?.fuel.value !== fuel) return finding('a second run costs another amount of fuel')
  }
  return undefined
}

/** The first difference of two outcomes. */
export const compare = (plain: Outcome, metered: Outcome): string | undefined => {
  for (const [index, line] of plain.log.entries()) {
    const other = metered.log[index]
    if (other !== line) return `line ${index}: ${line.slice(0, 300)} | became | ${(other ?? 'nothing').slice(0, 300)}`
  }
  if (metered.log.length > plain.log.length) return `an additional line: ${metered.log[plain.log.length]}`
  for (const [index, memory] of plain.memories.entries()) {
    const other = metered.memories[index]
    if (other === undefined || other.length !== memory.length) {
      return `memory ${index} has ${other?.length} bytes instead of ${memory.length}`
    }
    if (Buffer.compare(memory, other) !== 0) {
      return `memory ${index} differs at byte ${memory.findIndex((byte, at) => byte !== other[at])}`
    }
  }
  return undefined
}
