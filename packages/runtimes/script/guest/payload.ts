// Values across the bridge: JSON text, byte strings beside it, `{"$blob": n}` where one belongs. JSON.parse and
// JSON.stringify are kept before any plugin code runs.

const { parse, stringify } = JSON
/** A value that is one byte string. */
const onlyBytes = '{"$blob":0}'

const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return undefined
}

/** Packs a value. @throws TypeError for what JSON cannot say (cycles, big integers) */
export const pack = (value: unknown): { json: string; buffers: ArrayBuffer[] } => {
  const buffers: ArrayBuffer[] = []
  if (typeof value !== 'object') return { json: stringify(value) ?? 'null', buffers }
  const json = stringify(value, (_key, member: unknown) => {
    const bytes = bytesOf(member)
    if (bytes === undefined) return member
    const isWhole = bytes.byteLength === bytes.buffer.byteLength
    return { $blob: buffers.push((isWhole ? bytes : bytes.slice()).buffer as ArrayBuffer) - 1 }
  })
  return { json: json ?? 'null', buffers }
}

/** Unpacks what the driver sent. */
export const unpack = (json: string, buffers: readonly ArrayBuffer[]): unknown => {
  const [first] = buffers
  if (first === undefined) return parse(json)
  if (json === onlyBytes) return new Uint8Array(first)
  return parse(json, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || !('$blob' in member)) return member
    const buffer = typeof member.$blob === 'number' ? buffers[member.$blob] : undefined
    return buffer === undefined ? member : new Uint8Array(buffer)
  })
}
