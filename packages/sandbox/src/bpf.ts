// A small assembler for classic BPF as seccomp runs it: instructions with labels in, bytes out. It knows no system call.
// Format: struct sock_filter of linux/filter.h, eight bytes: u16 code, u8 jt, u8 jf, u32 k, in the host's byte order
// (little endian on all architectures that we have tables for).

/** One line of a program. Jumps go to labels further down; a branch that is absent goes on with the next line. */
export type BpfLine =
  | { readonly do: 'load'; readonly offset: number }
  | { readonly do: 'and'; readonly mask: number }
  | {
      readonly do: 'if'
      readonly test: 'equal' | 'at-least' | 'any-bit'
      readonly value: number
      readonly then?: string
      readonly else?: string
    }
  | { readonly do: 'return'; readonly value: number }
  | { readonly do: 'label'; readonly name: string }

/** Codes of linux/bpf_common.h: class, size, mode or operation, and the source K in one. */
export const bpfCodes = { load: 0x20, and: 0x54, equal: 0x15, 'at-least': 0x35, 'any-bit': 0x45, return: 0x06 } as const

/** The most instructions that the kernel takes (BPF_MAXINSNS). */
const mostInstructions = 4096

/**
 * The bytes of a program.
 * @throws {RangeError} a label that is not there, not further down, or further away than a jump reaches; a program that is
 *   longer than the kernel takes. All are mistakes of the program's author.
 */
export const assembleBpf = (lines: readonly BpfLine[]): Uint8Array<ArrayBuffer> => {
  const places = new Map<string, number>()
  const instructions: Exclude<BpfLine, { do: 'label' }>[] = []
  for (const line of lines) {
    if (line.do !== 'label') instructions.push(line)
    else if (places.has(line.name)) throw new RangeError(`The label ${line.name} stands twice.`)
    else places.set(line.name, instructions.length)
  }
  if (instructions.length > mostInstructions) throw new RangeError(`A program of ${instructions.length} instructions.`)

  const bytes = new Uint8Array(instructions.length * 8)
  const view = new DataView(bytes.buffer)
  const distance = (from: number, label: string | undefined): number => {
    if (label === undefined) return 0
    const to = places.get(label)
    if (to === undefined) throw new RangeError(`There is no label ${label}.`)
    const between = to - from - 1
    if (between < 0 || between > 255) throw new RangeError(`The label ${label} is out of reach.`)
    return between
  }
  const write = (index: number, code: number, k: number, jumps: readonly [number, number] = [0, 0]): void => {
    view.setUint16(index * 8, code, true)
    view.setUint8(index * 8 + 2, jumps[0])
    view.setUint8(index * 8 + 3, jumps[1])
    view.setUint32(index * 8 + 4, k, true)
  }
  for (const [index, line] of instructions.entries()) {
    if (line.do === 'load') write(index, bpfCodes.load, line.offset)
    else if (line.do === 'and') write(index, bpfCodes.and, line.mask)
    else if (line.do === 'return') write(index, bpfCodes.return, line.value)
    else write(index, bpfCodes[line.test], line.value, [distance(index, line.then), distance(index, line.else)])
  }
  return bytes
}
