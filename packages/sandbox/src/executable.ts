// Wraps machine code into the smallest executable that Linux starts: a static ELF file (elf(5)) of one segment. Pure.

import type { Architecture } from './system-calls.ts'

/** Where the file is laid in memory. */
export const executableBase = 0x40_0000n
/** Bytes before the code: the file header and one program header. */
export const executableHeaderBytes = 64 + 56

/** Numbers of linux/elf-em.h. */
const machines = { x64: 62, arm64: 183 } as const

/** The file; `body` is code, which begins to run at its first byte, and whatever it addresses. */
export const makeExecutable = (body: Uint8Array, architecture: Architecture): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(executableHeaderBytes + body.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setUint16(16, 2, true)
  view.setUint16(18, machines[architecture], true)
  view.setUint32(20, 1, true)
  view.setBigUint64(24, executableBase + BigInt(executableHeaderBytes), true)
  view.setBigUint64(32, 64n, true)
  view.setUint16(52, 64, true)
  view.setUint16(54, 56, true)
  view.setUint16(56, 1, true)
  // One segment to load, readable, writable and executable.
  view.setUint32(64, 1, true)
  view.setUint32(68, 7, true)
  view.setBigUint64(80, executableBase, true)
  view.setBigUint64(88, executableBase, true)
  view.setBigUint64(96, BigInt(bytes.length), true)
  view.setBigUint64(104, BigInt(bytes.length), true)
  view.setBigUint64(112, 0x1000n, true)
  bytes.set(body, executableHeaderBytes)
  return bytes
}
