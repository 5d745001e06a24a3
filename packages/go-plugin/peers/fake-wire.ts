// For tests: gRPC and protobuf by hand, as little as the fake plugin takes. It trusts what it reads.

/** One gRPC message: a flag for compression, the length, the bytes. */
export const frame = (message: Buffer, compressed = false, claimed = message.length): Buffer => {
  const head = Buffer.alloc(5)
  head[0] = compressed ? 1 : 0
  head.writeUInt32BE(claimed, 1)
  return Buffer.concat([head, message])
}

/** Splits a stream of bytes into messages. */
export const unframe = (take: (message: Buffer) => void): ((chunk: Buffer) => void) => {
  let held: Buffer = Buffer.alloc(0)
  return (chunk) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 5) {
      const end = 5 + held.readUInt32BE(1)
      if (held.length < end) return
      const message = held.subarray(5, end)
      held = held.subarray(end)
      take(message)
    }
  }
}

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push(left >= 128 ? (left % 128) | 0x80 : left)
    if (left < 128) return Buffer.from(bytes)
  }
}

/** One field of a protobuf message. */
export const field = (number: number, value: string | Buffer | number): Buffer => {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

/** The fields of a message by number; of repeated ones the last. */
export const fieldsOf = (message: Buffer): ReadonlyMap<number, Buffer | number> => {
  const fields = new Map<number, Buffer | number>()
  let at = 0
  const read = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = read()
    if (tag % 8 === 0) fields.set(tag >> 3, read())
    else {
      const length = read()
      fields.set(tag >> 3, message.subarray(at, at + length))
      at += length
    }
  }
  return fields
}

/** A field as text; empty when it is not there. */
export const textOf = (fields: ReadonlyMap<number, Buffer | number>, number: number): string =>
  String(fields.get(number) ?? '')
