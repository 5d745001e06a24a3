// Custom sections of generated modules: names and branch hints, right or absurd. None of them may change what a module does,
// whatever is in them.

import { Bytes } from './bytes.ts'
import type { Plan } from './plan.ts'
import type { Prng } from './prng.ts'

/** A custom section with its name; undefined in most cases. `place` is the id of the section that follows. */
export const customSection = (plan: Plan, random: Prng, place: number): Bytes | undefined => {
  if (place === 10 && random.chance(25)) return hints(plan, random)
  if (place === 0 && random.chance(40)) return names(plan, random)
  if (!random.chance(4)) return undefined
  const body = new Bytes(random).name(random.pick(['', 'x', 'producers', 'é', 'name', 'metadata.code.branch_hint']))
  return body.raw(...Array.from({ length: random.below(20) }, () => random.below(256)))
}

const hints = (plan: Plan, random: Prng): Bytes => {
  const body = new Bytes(random).name('metadata.code.branch_hint')
  const functions = plan.functions.map((_, index) => index).slice(plan.importedFunctions)
  const hinted = functions.filter(() => random.chance(50))
  body.u32(random.chance(5) ? random.u32() : hinted.length)
  for (const index of hinted) {
    body.u32(random.chance(95) ? index : random.u32())
    const count = random.between(0, 6)
    body.u32(random.chance(97) ? count : random.u32())
    let at = 0
    for (let hint = 0; hint < count; hint++) {
      at += random.chance(95) ? random.between(1, 40) : random.below(100_000)
      body
        .u32(at)
        .u32(1)
        .raw(random.chance(90) ? random.below(2) : random.below(256))
    }
  }
  return body
}

const names = (plan: Plan, random: Prng): Bytes => {
  const body = new Bytes(random).name('name')
  if (random.chance(50)) body.section(0, new Bytes(random).name('m'))
  const functions = new Bytes(random).u32(random.chance(95) ? plan.functions.length : random.u32())
  for (const index of plan.functions.keys()) {
    functions
      .u32(random.chance(97) ? index : random.u32())
      .name(random.pick(['f', '', 'bulkhead:meter/tick', 'ünï', `n${index}`]))
  }
  body.section(1, functions)
  if (random.chance(20)) body.raw(random.below(12)).u32(random.below(5)).raw(1, 2, 3)
  return body
}
