// Finds objects in which a key stands twice. JSON.parse takes the last one and other parsers the first, so whoever
// checks one value and acts on the other has been deceived (RFC 8259 section 4 leaves it open).

import type { Json } from '@bulkhead/kernel'

/**
 * Whether an object in a text repeats a key. `value` is what JSON.parse made of `text`: each member has one colon in
 * the text outside of strings, and a repeated one is missing in the value. Recurses as deep as the value, whose depth
 * was capped.
 */
export const repeatsKey = (text: string, value: Json): boolean => countColons(text) !== countMembers(value)

const countColons = (text: string): number => {
  let colons = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x3a) colons++
    else if (code === 0x22) index = endOfString(text, index)
  }
  return colons
}

const endOfString = (text: string, start: number): number => {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x22) return index
    if (code === 0x5c) index++
  }
  return text.length
}

const countMembers = (value: Json): number => {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const member of value as readonly Json[]) members += countMembers(member)
    return members
  }
  const object = value as { readonly [key: string]: Json }
  for (const key of Object.keys(object)) members += 1 + countMembers(object[key] as Json)
  return members
}
