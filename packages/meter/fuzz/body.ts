// Chooses what stands in a function body: valid by construction, since an expression always leaves one value of the type asked
// for and a statement leaves the stack as it was, in code that cannot be reached as well.

import { BodyWriter, heapType, typeCode } from './body-writer.ts'
import { callExpression, callStatement } from './calls.ts'
import { conditionalBranch, leave, valueBlock, voidBlock } from './control.ts'
import { catchingExpression } from './exceptions.ts'
import { heapExpression, heapStatement } from './garbage.ts'
import { memoryStatement, loadExpression } from './memory.ts'
import { operators, type ValueType } from './operators.ts'
import { referenceExpression, tableStatement } from './references.ts'

const operatorsByType = new Map<ValueType, readonly (typeof operators)[number][]>()
for (const operator of operators) {
  operatorsByType.set(operator.gives, [...(operatorsByType.get(operator.gives) ?? []), operator])
}

/** See the file's head. */
export class Body extends BodyWriter {
  /** One value of a type. */
  expression(type: ValueType, depth: number): void {
    this.room--
    const { random } = this
    if (depth <= 0 || this.room <= 0) return this.leaf(type)
    const choice = random.below(100)
    if (choice < 25) return this.leaf(type)
    if (choice < 35) return valueBlock(this, type, depth)
    if (choice < 42) return callExpression(this, type, depth)
    if (choice < 48) return catchingExpression(this, type, depth)
    if (choice < 52) return this.select(type, depth)
    if (choice < 56) {
      this.expression(type, depth - 1)
      this.code.raw(0x22).u32(this.local(type))
      return
    }
    if (choice < 68 && loadExpression(this, type, depth)) return
    if (this.plan.heaps.length > 0 && random.chance(25) && heapExpression(this, type, depth)) return
    if (referenceExpression(this, type, depth)) return
    this.operator(type, depth)
  }

  /** Something without operands. */
  leaf(type: ValueType): void {
    const { random, code, plan } = this
    const globals = plan.globals.flatMap((global, index) =>
      global.type === type && index !== plan.work ? [index] : [],
    )
    if (globals.length > 0 && random.chance(25)) code.raw(0x23).u32(random.pick(globals))
    else if (random.chance(50)) code.raw(0x20).u32(this.local(type))
    else this.constant(type)
  }

  constant(type: ValueType): void {
    const { random, code } = this
    if (type === 'i32') code.raw(0x41).signed(random.interesting32())
    else if (type === 'i64') code.raw(0x42).signed(random.interesting64())
    else if (type === 'f32') code.raw(0x43).f32(random.interestingDouble())
    else if (type === 'f64') code.raw(0x44).f64(random.interestingDouble())
    else if (type === 'v128') code.raw(0xfd, 12, ...Array.from({ length: 16 }, () => random.below(256)))
    else if (!referenceExpression(this, type, 0)) code.raw(0xd0, ...heapType(type))
  }

  operator(type: ValueType, depth: number): void {
    const { random, code } = this
    const known = operatorsByType.get(type)
    if (known === undefined) return this.leaf(type)
    const usable = this.plan.simd ? known : known.filter(({ takes }) => !takes.includes('v128'))
    const operator = random.pick(usable)
    if (operator.traps === true && !random.chance(15)) return this.leaf(type)
    this.values(operator.takes, depth - 1)
    code.raw(...operator.code)
    if (operator.lanes !== undefined) code.raw(random.below(operator.lanes))
    if (operator.canonical !== undefined) this.canonicalise(type, operator.canonical)
  }

  select(type: ValueType, depth: number): void {
    this.expression(type, depth - 1)
    this.expression(type, depth - 1)
    this.expression('i32', depth - 1)
    if (typeCode(type).length > 1 || type.endsWith('ref') || this.random.chance(20)) {
      this.code.raw(0x1c, 1, ...typeCode(type))
    } else this.code.raw(0x1b)
  }

  /** Leaves the stack as it was. */
  statement(): void {
    this.room -= 2
    const { random, code, plan } = this
    const depth = random.between(1, 4)
    if (plan.heaps.length > 0 && random.chance(20)) return heapStatement(this, depth)
    const choice = random.below(100)
    if (choice < 22) {
      const any = random.below(this.locals.length + 1)
      const local = any < this.locals.length && !this.reserved.has(any) ? any : this.local('i32')
      this.expression(this.locals[local] as ValueType, depth)
      code.raw(0x21).u32(local)
    } else if (choice < 32) {
      const globals = plan.globals.flatMap((global, index) => (global.mutable && index !== plan.work ? [index] : []))
      if (globals.length === 0) return
      const global = random.pick(globals)
      this.expression(plan.globals[global]?.type ?? 'i32', depth)
      code.raw(0x24).u32(global)
    } else if (choice < 52) memoryStatement(this, depth)
    else if (choice < 60) tableStatement(this, depth)
    else if (choice < 68) callStatement(this, depth)
    else if (choice < 82) voidBlock(this, depth)
    else if (choice < 92) conditionalBranch(this, depth)
    else if (choice < 94) {
      this.expression(random.pick(['i32', 'f64', 'externref']), depth)
      code.raw(0x1a)
    } else if (choice < 95) code.raw(0x01)
    else leave(this, depth)
  }
}
