// The first program in every sandbox: it says that the walls stand, waits for one byte, and becomes the program that was
// asked for. When the host is gone meanwhile, there is no byte, and it ends: so no program of a dead host ever begins.
//
// In machine code, since nothing else is sure to be there. The same steps on both architectures, with `D` the descriptor:
//
//   fcntl(D, F_SETFD, FD_CLOEXEC)
//   write(D, sp, 1)                         the walls stand
//   if (read(D, sp - 64, 1) != 1) goto end
//   execve(argv[1], &argv[1], environment)
//   write(D, &answer, 8)                    it could not be run: a negative errno
//   end: exit_group(127)

import { executableBase, executableHeaderBytes, makeExecutable } from './executable.ts'
import { type ListenerPlace, makeListenerCode } from './listener-code.ts'
import type { Architecture } from './system-calls.ts'

/** The descriptor on which gate and host talk. */
export const gateDescriptor = 7
/** The one before it: over which the gate hands its listening socket to the host, where it has one. */
export const channelDescriptor = gateDescriptor - 1

const little = (value: number): number[] => [
  value & 0xff,
  (value >> 8) & 0xff,
  (value >> 16) & 0xff,
  (value >>> 24) & 0xff,
]

const x64 = (): number[] => {
  const [rax, rdi, rsi, rdx] = [0xb8, 0xbf, 0xbe, 0xba] as const
  const set = (register: number, value: number): number[] => [register, ...little(value)]
  const call = (number: number): number[] => [...set(rax, number), 0x0f, 0x05]
  /** lea rsi, [rsp - 64] */
  const room = [0x48, 0x8d, 0x74, 0x24, 0xc0]
  const become = [
    ...[0x48, 0x8b, 0x7c, 0x24, 0x10], // mov rdi, [rsp + 16]
    ...[0x48, 0x8d, 0x74, 0x24, 0x10], // lea rsi, [rsp + 16]
    ...[0x48, 0x8b, 0x0c, 0x24], // mov rcx, [rsp]
    ...[0x48, 0x8d, 0x54, 0xcc, 0x10], // lea rdx, [rsp + rcx * 8 + 16]
    ...call(59),
    ...[0x48, 0x89, 0x44, 0x24, 0xc0], // mov [rsp - 64], rax
    ...[...set(rdi, gateDescriptor), ...room, ...set(rdx, 8), ...call(1)],
  ]
  return [
    ...[...set(rdi, gateDescriptor), ...set(rsi, 2), ...set(rdx, 1), ...call(72)],
    ...[...set(rdi, gateDescriptor), 0x48, 0x89, 0xe6, ...set(rdx, 1), ...call(1)], // mov rsi, rsp
    ...[...set(rdi, gateDescriptor), ...room, ...set(rdx, 1), ...call(0)],
    ...[0x48, 0x83, 0xf8, 0x01, 0x75, become.length], // cmp rax, 1; jne end
    ...become,
    ...[...set(rdi, 127), ...call(231)],
  ]
}

const arm64 = (): number[] => {
  /** movz */
  const set = (register: number, value: number): number => 0xd280_0000 + value * 32 + register
  const call = (number: number): number[] => [set(8, number), 0xd400_0001]
  /** sub x1, sp, #64 */
  const room = 0xd101_03e1
  const become = [
    0xf940_0be0, // ldr x0, [sp, #16]
    0x9100_43e1, // add x1, sp, #16
    0xf940_03e3, // ldr x3, [sp]
    0x8b23_6fe2, // add x2, sp, x3, lsl #3
    0x9100_4042, // add x2, x2, #16
    ...call(221),
    0xf81c_03e0, // stur x0, [sp, #-64]
    ...[set(0, gateDescriptor), room, set(2, 8), ...call(64)],
  ]
  return [
    ...[set(0, gateDescriptor), set(1, 2), set(2, 1), ...call(25)],
    ...[set(0, gateDescriptor), 0x9100_03e1, set(2, 1), ...call(64)], // mov x1, sp
    ...[set(0, gateDescriptor), room, set(2, 1), ...call(63)],
    ...[0xf100_041f, 0x5400_0001 + (become.length + 1) * 32], // cmp x0, #1; b.ne end
    ...become,
    ...[set(0, 127), ...call(94)],
  ].flatMap(little)
}

/**
 * The bytes of the executable. It is started with the program and its arguments as its own. With a `listener` it first hands
 * the host a socket that listens inside.
 */
export const makeGateProgram = (architecture: Architecture, listener?: ListenerPlace): Uint8Array<ArrayBuffer> => {
  const gate = architecture === 'x64' ? x64() : arm64()
  if (listener === undefined) return makeExecutable(Uint8Array.from(gate), architecture)
  // The code's length does not depend on where its data comes to stand.
  const { code } = makeListenerCode(architecture, listener, 0)
  const dataOffset = Math.ceil((executableHeaderBytes + code.length + gate.length) / 16) * 16
  const made = makeListenerCode(architecture, listener, Number(executableBase) + dataOffset)
  const body = new Uint8Array(dataOffset - executableHeaderBytes + made.data.length)
  body.set([...made.code, ...gate])
  body.set(made.data, dataOffset - executableHeaderBytes)
  return makeExecutable(body, architecture)
}
