// What all writers of generated code share: the code so far, its locals and labels, and the small moves between them.

import { Bytes } from './bytes.ts'
import type { ValueType } from './operators.ts'
import type { Plan, PlannedMemory, PlannedTable, Signature } from './plan.ts'
import type { Prng } from './prng.ts'

/** A label that branches can name. */
export interface Label {
  /** What a branch to it takes along. */
  readonly types: readonly ValueType[]
  /** A handler of a legacy exception, which `rethrow` may name. */
  readonly isHandler?: boolean
}

const blockTypeCodes: Partial<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
  exnref: 0x69,
}

/** The bytes of a value type. */
export const typeCode = (type: ValueType): readonly number[] => {
  const code = blockTypeCodes[type]
  return code === undefined ? [0x63, Number(type.slice(3))] : [code]
}

/** See the file's head. */
export abstract class BodyWriter {
  readonly random: Prng
  readonly plan: Plan
  readonly signature: Signature
  readonly code: Bytes
  readonly locals: ValueType[]
  /** The innermost one is the last. */
  readonly labels: Label[]
  /** Locals that count the turns of a loop: nothing else may change them. */
  readonly reserved = new Set<number>()
  /** How many turns loops that count may make here, those that are nested multiplied. */
  turnsLeft = 3000
  /** How many instructions there may be still, about. */
  room: number

  constructor(plan: Plan, signature: Signature, random: Prng) {
    this.random = random
    this.plan = plan
    this.signature = signature
    this.code = new Bytes(random)
    this.locals = [...signature.parameters]
    this.labels = [{ types: signature.results }]
    this.room = random.between(20, 250)
  }

  /** The whole body with its declarations of locals, without its length. */
  write(): Bytes {
    if (this.plan.bounded) this.work(20)
    this.statements(3)
    this.values(this.signature.results, 4)
    this.code.raw(0x0b)
    const own = this.locals.slice(this.signature.parameters.length)
    const whole = new Bytes(this.random).u32(own.length)
    for (const type of own) whole.u32(1).raw(...typeCode(type))
    return whole.append(this.code)
  }

  /** Counts work down, and traps when none is left. */
  work(amount: number): void {
    const { work } = this.plan
    this.code.raw(0x23).u32(work).raw(0x41).signed(amount).raw(0x6b, 0x24).u32(work)
    this.code.raw(0x23).u32(work).raw(0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b)
  }

  /** A local of a type; made when there is none. */
  local(type: ValueType): number {
    const found = this.locals.flatMap((known, index) => (known === type && !this.reserved.has(index) ? [index] : []))
    if (found.length > 0 && (this.locals.length > 60 || this.random.chance(70))) return this.random.pick(found)
    return this.freshLocal(type)
  }

  /** A local that nothing else uses. */
  freshLocal(type: ValueType): number {
    this.locals.push(type)
    return this.locals.length - 1
  }

  statements(most: number): void {
    const count = this.random.between(0, most)
    for (let index = 0; index < count && this.room > 0; index++) this.statement()
  }

  values(types: readonly ValueType[], depth: number): void {
    for (const type of types) this.expression(type, depth)
  }

  /** Takes values off the stack, the last first: into locals, or away. */
  consume(types: readonly ValueType[]): void {
    for (const type of [...types].reverse()) {
      if (this.random.chance(50)) this.code.raw(0x21).u32(this.local(type))
      else this.code.raw(0x1a)
    }
  }

  /** Of several values on the stack, keeps the one at a place. */
  keep(types: readonly ValueType[], place: number): void {
    this.consume(types.slice(place + 1))
    if (place === 0) return
    const type = types[place] as ValueType
    const kept = this.freshLocal(type)
    this.code.raw(0x21).u32(kept)
    this.consume(types.slice(0, place))
    this.code.raw(0x20).u32(kept)
  }

  /** The type of a block with parameters and results; a new type where there is none. */
  blockType(parameters: readonly ValueType[], results: readonly ValueType[]): void {
    if (parameters.length === 0 && results.length === 0) this.code.raw(0x40)
    else if (parameters.length === 0 && results.length === 1) this.code.raw(...typeCode(results[0] as ValueType))
    else this.code.signed(this.typeIndex(parameters, results))
  }

  typeIndex(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const { types } = this.plan
    const key = `${parameters.join()}>${results.join()}`
    const found = types.findIndex(
      (type) => type.heap === undefined && `${type.parameters.join()}>${type.results.join()}` === key,
    )
    if (found >= 0) return found
    types.push({ parameters, results })
    return types.length - 1
  }

  /** Writes what stands inside a block. */
  inside(label: Label, write: () => void): void {
    this.labels.push(label)
    write()
    this.labels.pop()
  }

  /** Whether addresses of a memory have 64 bits. */
  memoryIs64(memory: number): boolean {
    return (this.plan.memories[memory] as PlannedMemory).is64
  }

  /** Whether indexes of a table have 64 bits. */
  tableIs64(table: number): boolean {
    return (this.plan.tables[table] as PlannedTable).is64
  }

  /** Makes an i32 the address of something whose addresses have 64 bits. */
  widen(is64: boolean): void {
    if (is64) this.code.raw(this.random.chance(95) ? 0xad : 0xac)
  }

  /** Makes what is no number one and the same, since its bits differ between engines and compilers. */
  canonicalise(type: ValueType, as: 'f32' | 'f64' | 'f32x4' | 'f64x2'): void {
    const { code } = this
    const value = this.freshLocal(type)
    const get = (): Bytes => code.raw(0x20).u32(value)
    code.raw(0x22).u32(value)
    if (as === 'f32') code.raw(0x43).f32(Number.NaN)
    else if (as === 'f64') code.raw(0x44).f64(Number.NaN)
    else code.raw(0xfd, 12, ...Array.from({ length: 2 }, () => [0, 0, 0xc0, 0x7f, 0, 0, 0xf8, 0x7f]).flat())
    get()
    get()
    if (as === 'f32') code.raw(0x5b, 0x1b)
    else if (as === 'f64') code.raw(0x61, 0x1b)
    else code.raw(0xfd, as === 'f32x4' ? 65 : 71, 0xfd, 82)
  }

  /** One value of a type. */
  abstract expression(type: ValueType, depth: number): void

  /** One value of a type, without operands. */
  abstract leaf(type: ValueType): void

  /** Something that leaves the stack as it was. */
  abstract statement(): void
}

/** The bytes of the heap type of a reference type. */
export const heapType = (type: ValueType): readonly number[] => {
  const code = blockTypeCodes[type]
  return code === undefined ? [Number(type.slice(3))] : [code]
}
