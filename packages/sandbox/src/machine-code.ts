// Assembles the few instructions that the first program of a sandbox is made of, for both architectures: system calls,
// branches on what they answered, one register to keep an answer in. Pure; data of a program stands behind its code.

import { executableBase, executableHeaderBytes, makeExecutable } from './executable.ts'
import type { Architecture } from './system-calls.ts'

/** An argument of a system call: a number, or the address of a piece of data by its name. */
export type Operand = number | bigint | { readonly data: string }

/** A number on x64 and on arm64. */
export interface CallNumbers {
  readonly x64: number
  readonly arm64: number
}

/** One step. "The answer" is what the last system call, or the last `load`, left. */
export type Step =
  | { readonly do: 'call'; readonly number: CallNumbers; readonly with: readonly Operand[] }
  /** Becomes the program that the arguments name, with the environment that came. Goes on only when that failed. */
  | { readonly do: 'become' }
  | { readonly do: 'keep' }
  /** Loads four bytes of data. */
  | { readonly do: 'load'; readonly data: string; readonly at: number }
  /** Goes to the label always, or when the answer is such; `kept`: equals what was kept; `high`: has bits above 15. */
  | { readonly do: 'go'; readonly to: string; readonly when?: 'zero' | 'not-positive' | 'kept' | 'high' }
  | { readonly do: 'label'; readonly name: string }
  /** Ends like the process whose wait status is the answer: its code, or 128 and its signal. */
  | { readonly do: 'end-alike' }

const bytes64 = (value: bigint): number[] => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true)
  return [...bytes]
}
const little = (value: number): number[] => bytes64(BigInt(value >>> 0)).slice(0, 4)

/** How an architecture says a step. A jump is told how far its target is from its own first byte. */
interface Encoding {
  readonly entry: readonly number[]
  call(number: CallNumbers, values: readonly bigint[]): number[]
  readonly become: readonly number[]
  readonly keep: readonly number[]
  load(address: bigint): number[]
  go(when: Extract<Step, { do: 'go' }>['when'], distance: number): number[]
  readonly endAlike: readonly number[]
}

const x64: Encoding = {
  // mov r12, rsp
  entry: [0x49, 0x89, 0xe4],
  call: (number, values) => [
    ...values.flatMap((value, register) => [
      // mov r64, imm64 for rdi, rsi, rdx, r10, r8, r9
      ...([
        [0x48, 0xbf],
        [0x48, 0xbe],
        [0x48, 0xba],
        [0x49, 0xba],
        [0x49, 0xb8],
        [0x49, 0xb9],
      ][register] as number[]),
      ...bytes64(value),
    ]),
    ...[0xb8, ...little(number.x64), 0x0f, 0x05],
  ],
  become: [
    ...[0x49, 0x8b, 0x7c, 0x24, 0x10], // mov rdi, [r12 + 16]
    ...[0x49, 0x8d, 0x74, 0x24, 0x10], // lea rsi, [r12 + 16]
    ...[0x49, 0x8b, 0x0c, 0x24], // mov rcx, [r12]
    ...[0x49, 0x8d, 0x54, 0xcc, 0x10], // lea rdx, [r12 + rcx * 8 + 16]
    ...[0xb8, ...little(59), 0x0f, 0x05],
  ],
  keep: [0x89, 0xc3], // mov ebx, eax
  load: (address) => [0xa1, ...bytes64(address)], // mov eax, [address]
  go: (when, distance) => {
    const far = (opcode: readonly number[], test: readonly number[]): number[] => [
      ...test,
      ...opcode,
      ...little(distance - test.length - opcode.length - 4),
    ]
    if (when === undefined) return far([0xe9], [])
    if (when === 'zero') return far([0x0f, 0x84], [0x85, 0xc0]) // test eax, eax; je
    if (when === 'not-positive') return far([0x0f, 0x8e], [0x85, 0xc0]) // test eax, eax; jle
    if (when === 'kept') return far([0x0f, 0x84], [0x39, 0xd8]) // cmp eax, ebx; je
    return far([0x0f, 0x85], [0xa9, 0x00, 0x00, 0xff, 0xff]) // test eax, 0xffff0000; jne
  },
  endAlike: [
    ...[0x0f, 0xb6, 0xfc], // movzx edi, ah
    ...[0x83, 0xe0, 0x7f, 0x74, 0x07], // and eax, 0x7f; je + 7
    ...[0x05, ...little(128), 0x89, 0xc7], // add eax, 128; mov edi, eax
    ...[0xb8, ...little(231), 0x0f, 0x05],
  ],
}

/** movz and three movk into register `d`. */
const arm64Set = (d: number, value: bigint): number[] =>
  [0, 1, 2, 3].flatMap((half) => {
    const part = Number((BigInt.asUintN(64, value) >> BigInt(half * 16)) & 0xffffn)
    return little((half === 0 ? 0xd280_0000 : 0xf280_0000) + half * 0x20_0000 + part * 32 + d)
  })
const arm64Call = (number: number): number[] => [...arm64Set(8, BigInt(number)), ...little(0xd400_0001)]

const arm64: Encoding = {
  // add x20, sp, #0
  entry: little(0x9100_03f4),
  call: (number, values) => [
    ...values.flatMap((value, register) => arm64Set(register, value)),
    ...arm64Call(number.arm64),
  ],
  become: [
    0xf940_0a80, // ldr x0, [x20, #16]
    0x9100_4281, // add x1, x20, #16
    0xf940_0283, // ldr x3, [x20]
    0x8b03_0e82, // add x2, x20, x3, lsl #3
    0x9100_4042, // add x2, x2, #16
  ]
    .flatMap(little)
    .concat(arm64Call(221)),
  keep: little(0x2a00_03f3), // mov w19, w0
  load: (address) => [...arm64Set(9, address), ...little(0xb940_0120)], // ldr w0, [x9]
  go: (when, distance) => {
    const near = (test: readonly number[], opcode: number): number[] => [
      ...test.flatMap(little),
      ...little((opcode | ((((distance - test.length * 4) / 4) & 0x7ffff) << 5)) >>> 0),
    ]
    if (when === undefined) return little((0x1400_0000 | ((distance / 4) & 0x3ff_ffff)) >>> 0)
    if (when === 'zero') return near([], 0x3400_0000) // cbz w0
    if (when === 'not-positive') return near([0x7100_001f], 0x5400_000d) // cmp w0, #0; b.le
    if (when === 'kept') return near([0x6b13_001f], 0x5400_0000) // cmp w0, w19; b.eq
    return near([0x5310_7c01], 0x3500_0001) // lsr w1, w0, #16; cbnz w1
  },
  endAlike: [
    0x1200_1801, // and w1, w0, #0x7f
    0x5308_3c00, // ubfx w0, w0, #8, #8
    0x3400_0041, // cbz w1, + 8
    0x1102_0020, // add w0, w1, #128
  ]
    .flatMap(little)
    .concat(arm64Call(94)),
}

/** Data by name. */
export type ProgramData = Readonly<Record<string, Uint8Array>>

/**
 * The bytes of the executable.
 * @throws RangeError for a label or a piece of data that is not there
 */
export const assembleProgram = (
  steps: readonly Step[],
  data: ProgramData,
  architecture: Architecture,
): Uint8Array<ArrayBuffer> => {
  const encoding = architecture === 'x64' ? x64 : arm64
  const start = executableBase + BigInt(executableHeaderBytes)
  const pass = (labels: ReadonlyMap<string, number>, dataAt: number) => {
    const seen = new Map<string, number>()
    const offsets = new Map<string, number>()
    let length = dataAt
    for (const [name, bytes] of Object.entries(data)) {
      offsets.set(name, length)
      length += Math.ceil(bytes.length / 16) * 16
    }
    const address = (name: string): bigint => {
      const offset = offsets.get(name)
      if (offset === undefined) throw new RangeError(`There is no data ${name}.`)
      return start + BigInt(offset)
    }
    const code: number[] = [...encoding.entry]
    const encode = (step: Exclude<Step, { do: 'label' }>): readonly number[] => {
      switch (step.do) {
        case 'call':
          return encoding.call(
            step.number,
            step.with.map((value) => (typeof value === 'object' ? address(value.data) : BigInt(value))),
          )
        case 'become':
          return encoding.become
        case 'keep':
          return encoding.keep
        case 'load':
          return encoding.load(address(step.data) + BigInt(step.at))
        case 'go':
          return encoding.go(step.when, (labels.get(step.to) ?? code.length) - code.length)
        case 'end-alike':
          return encoding.endAlike
      }
    }
    for (const step of steps) {
      if (step.do === 'label') seen.set(step.name, code.length)
      else code.push(...encode(step))
    }
    return { code, seen, offsets, length }
  }
  // Every step has a fixed length, so a first pass tells where labels and data come to stand.
  const first = pass(new Map(), 0)
  for (const step of steps) {
    if (step.do === 'go' && !first.seen.has(step.to)) throw new RangeError(`There is no label ${step.to}.`)
  }
  const { code, offsets, length } = pass(first.seen, Math.ceil(first.code.length / 16) * 16)
  const body = new Uint8Array(length)
  body.set(code)
  for (const [name, bytes] of Object.entries(data)) body.set(bytes, offsets.get(name))
  return makeExecutable(body, architecture)
}
