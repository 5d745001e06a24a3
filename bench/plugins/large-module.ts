// A module of 1.9 MB, about what a compiler makes of a library of middle size: 2,930 functions that loop, branch, read and
// write memory and call each other, a table of all of them, and half a megabyte of data. Always the same bytes.

import { assemble, echoFunctions, echoImports } from './modules.ts'

/** How many functions there are; each takes about 460 bytes. */
const functionCount = 2930
/** Bytes of data, in segments of 4 KiB as linkers write them. */
const dataBytes = 512 * 1024
const segmentBytes = 4096
/** Functions that each call runs, so that a first result has to compile some. */
const functionsPerCall = 32

/** Numbers that look random and never change (xorshift32). */
const makeNumbers = (): ((below: number) => number) => {
  let state = 0x9e3779b9
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

type Numbers = ReturnType<typeof makeNumbers>

const operators = ['i32.add', 'i32.sub', 'i32.mul', 'i32.xor', 'i32.and', 'i32.or', 'i32.shl', 'i32.shr_u', 'i32.rotl']

const step = (numbers: Numbers, locals: readonly string[]): string => {
  const any = (): string => locals[numbers(locals.length)] ?? '$a'
  const operator = operators[numbers(operators.length)] ?? 'i32.add'
  const value = `(${operator} (local.get ${any()}) (i32.const ${numbers(1 << 20)}))`
  const address = `(i32.and ${value} (i32.const 0x7fffc))`
  switch (numbers(4)) {
    case 0:
      return `(local.set ${any()} (i32.load offset=${numbers(4096)} ${address}))`
    case 1:
      return `(i32.store offset=${0x80000 + numbers(4096)} ${address} (local.get ${any()}))`
    case 2:
      return `(if (i32.lt_u (local.get ${any()}) (i32.const ${numbers(1 << 30)})) (then (local.set ${any()} ${value})))`
    default:
      return `(local.set ${any()} ${value})`
  }
}

/** Calls only functions before it, so that none runs for ever. */
const makeFunction = (numbers: Numbers, index: number): string => {
  const locals = ['$a', '$b', '$c', '$d']
  const steps = (count: number): string => Array.from({ length: count }, () => step(numbers, locals)).join('\n')
  const callee = index === 0 ? undefined : Math.floor(index / 2)
  const call = callee === undefined ? '' : `(local.set $d (call $f${callee} (local.get $c) (local.get $b)))`
  return `(func $f${index} (param $a i32) (param $b i32) (result i32) (local $c i32) (local $d i32) (local $left i32)
    ${steps(14)}
    (local.set $left (i32.const ${1 + numbers(4)}))
    (loop $next
      ${steps(12)}
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    ${call}
    (i32.xor (local.get $a) (local.get $d)))`
}

const makeSegment = (numbers: Numbers, at: number): string => {
  const bytes = Array.from({ length: segmentBytes }, () => `\\${numbers(256).toString(16).padStart(2, '0')}`)
  return `(data (i32.const ${at}) "${bytes.join('')}")`
}

const makeText = (): string => {
  const numbers = makeNumbers()
  const names = Array.from({ length: functionCount }, (_, index) => `$f${index}`)
  return `(module
  ${echoImports}
  (type $filler (func (param i32 i32) (result i32)))
  (memory (export "memory") 17)
  (table ${functionCount} funcref)
  (elem (i32.const 0) ${names.join(' ')})
  ${echoFunctions.replace('(export "echo")', '')}
  (func (export "echo") (result i32)
    (local $at i32) (local $sum i32)
    (loop $next
      (local.set $sum (call_indirect (type $filler) (local.get $at) (local.get $sum)
        (i32.mul (local.get $at) (i32.const ${Math.floor(functionCount / functionsPerCall)}))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const ${functionsPerCall}))))
    (i32.store (i32.const 0x100000) (local.get $sum))
    (call $echo))
  ${names.map((_, index) => makeFunction(numbers, index)).join('\n  ')}
  ${Array.from({ length: dataBytes / segmentBytes }, (_, index) => makeSegment(numbers, index * segmentBytes)).join('\n  ')})`
}

let made: Promise<Uint8Array> | undefined

/** Its bytes; made once, which takes some seconds. */
export const makeLargeModule = (): Promise<Uint8Array> => (made ??= assemble(makeText()))
