// Values across the bridge: JSON text, byte strings beside it, `{"$blob": n}` where one belongs. JSON.parse and
// JSON.stringify are kept before any plugin code runs.

const { parse, stringify } = JSON
const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return undefined
}

/** Packs a value. @throws TypeError for what JSON cannot say (cycles, big integers) */
export const pack = (value: unknown): { json: string; buffers: ArrayBuffer[] } => {
  const buffers: ArrayBuffer[] = []
  const json = stringify(value, (_key, member: unknown) => {
    const bytes = bytesOf(member)
    if (bytes === undefined) return member
    return { $blob: buffers.push(bytes.slice().buffer as ArrayBuffer) - 1 }
  })
  return { json: json ?? 'null', buffers }
}

/** Unpacks what the driver sent. */
export const unpack = (json: string, buffers: readonly ArrayBuffer[]): unknown => {
  if (buffers.length === 0) return parse(json)
  return parse(json, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || !('$blob' in member)) return member
    const buffer = typeof member.$blob === 'number' ? buffers[member.$blob] : undefined
    return buffer === undefined ? member : new Uint8Array(buffer)
  })
}
