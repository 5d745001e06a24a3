// structuredClone for what plugins pass around: plain data, arrays, Map, Set, Date, RegExp, errors, bytes, cycles.

/** A deep copy. @throws TypeError for functions, symbols, promises and weak collections */
export const cloneStructured = <T>(value: T): T => clone(value, new Map()) as T

const clone = (value: unknown, seen: Map<object, unknown>): unknown => {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new TypeError(`a ${typeof value} cannot be cloned`)
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  const remember = <T extends object>(copy: T): T => {
    seen.set(value, copy)
    return copy
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = remember([])
    for (const item of value) copy.push(clone(item, seen))
    return copy
  }
  if (value instanceof Date) return remember(new Date(value))
  if (value instanceof RegExp) return remember(new RegExp(value))
  if (value instanceof ArrayBuffer) return remember(value.slice(0))
  if (ArrayBuffer.isView(value)) {
    const View = value.constructor as new (buffer: ArrayBufferLike) => ArrayBufferView
    return remember(new View(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)))
  }
  if (value instanceof Map) {
    const copy = remember(new Map())
    for (const [key, member] of value) copy.set(clone(key, seen), clone(member, seen))
    return copy
  }
  if (value instanceof Set) {
    const copy = remember(new Set())
    for (const member of value) copy.add(clone(member, seen))
    return copy
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    throw new TypeError('the value cannot be cloned')
  }
  const copy = remember(value instanceof Error ? new Error(value.message) : {})
  for (const key of Object.keys(value)) {
    const member = clone((value as Record<string, unknown>)[key], seen)
    Object.defineProperty(copy, key, { value: member, writable: true, enumerable: true, configurable: true })
  }
  return copy
}
