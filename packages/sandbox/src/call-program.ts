// Makes a tiny static program that makes the system calls it is told and writes what they answered. Probes and attack
// tests run it inside the sandbox: no compiler, interpreter or library has to be there. Pure: bytes out, nothing is run.

import { executableBase, executableHeaderBytes, makeExecutable } from './executable.ts'
import { type Architecture, systemCallNumber, type SystemCall } from './system-calls.ts'

/** An argument: a number, the address of bytes (a text ends in a NUL), or what an earlier call answered. */
export type CallArgument = number | bigint | string | Uint8Array | { readonly answerOf: number }

/** One call. */
export interface ProgramCall {
  /** A name of the table, or a number as it stands. */
  readonly call: SystemCall | number
  readonly arguments?: readonly CallArgument[]
  /** Makes it by `int 0x80`, the gate of 32-bit programs (x64 only; arguments are not passed). */
  readonly by32BitGate?: boolean
}

/** Calls that the program itself needs. */
const ownCalls = { x64: { write: 1, exitGroup: 231 }, arm64: { write: 64, exitGroup: 94 } } as const

const bytes64 = (value: bigint): number[] => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true)
  return [...bytes]
}

/** How an architecture sets the registers of a call, and keeps and fetches answers. */
interface Encoding {
  set(register: number | 'number', value: bigint): number[]
  /** Clobbers the register of the number. */
  fetch(register: number, address: bigint): number[]
  keep(address: bigint): number[]
  readonly trap: readonly number[]
}

const x64: Encoding = {
  // mov r64, imm64 for rax, then rdi, rsi, rdx, r10, r8, r9.
  set: (register, value) => [
    ...(register === 'number'
      ? [0x48, 0xb8]
      : ([
          [0x48, 0xbf],
          [0x48, 0xbe],
          [0x48, 0xba],
          [0x49, 0xba],
          [0x49, 0xb8],
          [0x49, 0xb9],
        ][register] as number[])),
    ...bytes64(value),
  ],
  // mov rax, [address]; mov r64, rax.
  fetch: (register, address) => [
    ...[0x48, 0xa1, ...bytes64(address)],
    ...([
      [0x48, 0x89, 0xc7],
      [0x48, 0x89, 0xc6],
      [0x48, 0x89, 0xc2],
      [0x49, 0x89, 0xc2],
      [0x49, 0x89, 0xc0],
      [0x49, 0x89, 0xc1],
    ][register] as number[]),
  ],
  keep: (address) => [0x48, 0xa3, ...bytes64(address)],
  trap: [0x0f, 0x05],
}

const word = (value: number): number[] => bytes64(BigInt(value >>> 0)).slice(0, 4)
/** movz and three movk into register `d`. */
const arm64Set = (d: number, value: bigint): number[] =>
  [0, 1, 2, 3].flatMap((half) => {
    const part = Number((BigInt.asUintN(64, value) >> BigInt(half * 16)) & 0xffffn)
    return word((half === 0 ? 0xd280_0000 : 0xf280_0000) + half * 0x20_0000 + part * 32 + d)
  })

const arm64: Encoding = {
  set: (register, value) => arm64Set(register === 'number' ? 8 : register, value),
  // ldr xN, [x9] and str x0, [x9].
  fetch: (register, address) => [...arm64Set(9, address), ...word(0xf940_0120 + register)],
  keep: (address) => [...arm64Set(9, address), ...word(0xf900_0120)],
  trap: word(0xd400_0001),
}

const codeOf = (calls: readonly ProgramCall[], architecture: Architecture, at: { data: bigint; answers: bigint }) => {
  const encoding = architecture === 'x64' ? x64 : arm64
  const data: number[] = []
  const keepData = (value: string | Uint8Array): bigint => {
    const address = at.data + BigInt(data.length)
    data.push(...(typeof value === 'string' ? [...Buffer.from(value), 0] : value))
    while (data.length % 16 !== 0) data.push(0)
    return address
  }
  const code: number[] = []
  const make = (number: bigint, values: readonly CallArgument[], trap: readonly number[]): void => {
    for (const [register, value] of values.entries()) {
      if (typeof value === 'object' && 'answerOf' in value) {
        code.push(...encoding.fetch(register, at.answers + BigInt(value.answerOf * 8)))
      } else {
        const plain = typeof value === 'string' || value instanceof Uint8Array ? keepData(value) : BigInt(value)
        code.push(...encoding.set(register, plain))
      }
    }
    code.push(...encoding.set('number', number), ...trap)
  }
  for (const [index, { call, arguments: values = [], by32BitGate }] of calls.entries()) {
    const number = typeof call === 'number' ? call : systemCallNumber(call, architecture)
    if (number === null) throw new RangeError(`${call} is no call of ${architecture}.`)
    make(BigInt(number), values, by32BitGate === true ? [0xcd, 0x80] : encoding.trap)
    code.push(...encoding.keep(at.answers + BigInt(index * 8)))
  }
  const own = ownCalls[architecture]
  make(BigInt(own.write), [1, at.answers, calls.length * 8], encoding.trap)
  make(BigInt(own.exitGroup), [0], encoding.trap)
  return { code, data }
}

/**
 * The bytes of the program (a static ELF executable). It writes eight bytes for each call, little endian: the answer, or
 * a negative errno. When a call ends the program, nothing is written.
 */
export const makeCallProgram = (calls: readonly ProgramCall[], architecture: Architecture): Uint8Array<ArrayBuffer> => {
  // All encodings have fixed lengths, so a first pass with made-up addresses tells where everything comes to stand.
  const first = codeOf(calls, architecture, { data: 0n, answers: 0n })
  const dataOffset = Math.ceil((executableHeaderBytes + first.code.length) / 16) * 16
  const answersOffset = dataOffset + first.data.length
  const { code, data } = codeOf(calls, architecture, {
    data: executableBase + BigInt(dataOffset),
    answers: executableBase + BigInt(answersOffset),
  })
  const body = new Uint8Array(answersOffset - executableHeaderBytes + calls.length * 8)
  body.set(code)
  body.set(data, dataOffset - executableHeaderBytes)
  return makeExecutable(body, architecture)
}

/** Reads what the program wrote: one answer for each call, or nothing when it did not come to its end. */
export const readAnswers = (output: Uint8Array): number[] => {
  const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
  return Array.from({ length: Math.floor(output.byteLength / 8) }, (_, index) =>
    Number(view.getBigInt64(index * 8, true)),
  )
}
