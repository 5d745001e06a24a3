// Machine code that makes a listening socket inside the sandbox and hands it to the host, before the gate becomes the program:
// the host then answers, from outside, whoever dials it inside, and no process of ours stands between. Pure: bytes out.
//
//   s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)
//   bind(s, 127.0.0.1:port), listen(s, 128)
//   sendmsg(channel, what Node's parent side of an IPC channel takes for a server, with s beside it)
//   close(channel), close(s)
//   prlimit64(0, RLIMIT_NOFILE, {openFiles, openFiles})
//
// The limit on open files comes last: a user's descriptors that are on their way in sockets are counted together, and whoever
// has more of them on its way than it may open sends none. A program that fills its sockets with descriptors would else stop all
// others from handing over theirs.
//
// Nothing is looked at on the way: the host misses the socket when one of these failed, and starts nothing.

import type { Architecture } from './system-calls.ts'

/** Where to listen, and how the socket leaves. */
export interface ListenerPlace {
  /** TCP port on 127.0.0.1. */
  readonly port: number
  /** Descriptor of the IPC channel to the host. */
  readonly channel: number
  /** The limit on open descriptors, which the program is to have. */
  readonly openFiles: number
}

const backlog = 128
/** What lib/internal/child_process.js of Node makes a net.Server of. */
const message = '{"cmd":"NODE_HANDLE","type":"net.Server","msg":{}}\n'

/** Offsets of what the code addresses, from the start of its data. */
const at = { address: 0, header: 16, vector: 72, control: 88, descriptor: 104, limit: 112, text: 128 } as const

/** sockaddr_in, msghdr, iovec, cmsghdr and rlimit64 of a 64-bit Linux (linux/in.h, linux/socket.h, linux/resource.h), then the message. */
const dataOf = ({ port, openFiles }: ListenerPlace, base: number): Uint8Array => {
  const text = new TextEncoder().encode(message)
  const bytes = new Uint8Array(at.text + text.length)
  const view = new DataView(bytes.buffer)
  const pointer = (offset: number, to: number): void => view.setBigUint64(offset, BigInt(base + to), true)
  const size = (offset: number, value: number): void => view.setBigUint64(offset, BigInt(value), true)
  view.setUint16(at.address, 2, true)
  view.setUint16(at.address + 2, port)
  bytes.set([127, 0, 0, 1], at.address + 4)
  pointer(at.header + 16, at.vector)
  size(at.header + 24, 1)
  pointer(at.header + 32, at.control)
  size(at.header + 40, 24)
  pointer(at.vector, at.text)
  size(at.vector + 8, text.length)
  // SOL_SOCKET and SCM_RIGHTS; the descriptor itself is written by the code.
  size(at.control, 20)
  view.setUint32(at.control + 8, 1, true)
  view.setUint32(at.control + 12, 1, true)
  size(at.limit, openFiles)
  size(at.limit + 8, openFiles)
  bytes.set(text, at.text)
  return bytes
}

const little = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff)

/** RLIMIT_NOFILE */
const openFilesResource = 7
/** SOCK_STREAM | SOCK_CLOEXEC */
const stream = 0x8_0001

const x64 = (channel: number, base: number): number[] => {
  const [rax, rdi, rsi, rdx] = [0xb8, 0xbf, 0xbe, 0xba] as const
  const set = (register: number, value: number): number[] => [register, ...little(value)]
  const call = (number: number): number[] => [...set(rax, number), 0x0f, 0x05]
  const kept = little(base + at.descriptor)
  /** mov edi, [kept] */
  const fetch = [0x8b, 0x3c, 0x25, ...kept]
  return [
    ...[...set(rdi, 2), ...set(rsi, stream), ...set(rdx, 0), ...call(41)],
    ...[0x89, 0x04, 0x25, ...kept], // mov [kept], eax
    ...[...fetch, ...set(rsi, base + at.address), ...set(rdx, 16), ...call(49)],
    ...[...fetch, ...set(rsi, backlog), ...call(50)],
    ...[...set(rdi, channel), ...set(rsi, base + at.header), ...set(rdx, 0), ...call(46)],
    ...[...set(rdi, channel), ...call(3)],
    ...[...fetch, ...call(3)],
    ...[...set(rdi, 0), ...set(rsi, openFilesResource), ...set(rdx, base + at.limit)],
    ...[0x45, 0x31, 0xd2, ...call(302)], // xor r10d, r10d
  ]
}

const arm64 = (channel: number, base: number): number[] => {
  /** movz and movk */
  const set = (register: number, value: number): number[] => [
    0xd280_0000 + (value & 0xffff) * 32 + register,
    0xf2a0_0000 + (value >>> 16) * 32 + register,
  ]
  const call = (number: number): number[] => [...set(8, number), 0xd400_0001]
  const kept = set(9, base + at.descriptor)
  /** ldr w0, [x9] */
  const fetch = [...kept, 0xb940_0120]
  return [
    ...[...set(0, 2), ...set(1, stream), ...set(2, 0), ...call(198)],
    ...[...kept, 0xb900_0120], // str w0, [x9]
    ...[...fetch, ...set(1, base + at.address), ...set(2, 16), ...call(200)],
    ...[...fetch, ...set(1, backlog), ...call(201)],
    ...[...set(0, channel), ...set(1, base + at.header), ...set(2, 0), ...call(211)],
    ...[...set(0, channel), ...call(57)],
    ...[...fetch, ...call(57)],
    ...[...set(0, 0), ...set(1, openFilesResource), ...set(2, base + at.limit), ...set(3, 0), ...call(261)],
  ].flatMap(little)
}

/** Code that goes before that of the gate, and its data, which is to be laid at the address `base`. */
export const makeListenerCode = (
  architecture: Architecture,
  place: ListenerPlace,
  base: number,
): { readonly code: number[]; readonly data: Uint8Array } => ({
  code: architecture === 'x64' ? x64(place.channel, base) : arm64(place.channel, base),
  data: dataOf(place, base),
})
