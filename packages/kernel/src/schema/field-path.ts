// How the place of a value is written for people: `items[2].name`. Keys may come from a guest, so they are quoted and
// cut when they are not plain words.

/** Keys and indexes from the root to a value. */
export type FieldPath = readonly (string | number)[]

/** `['permissions', 'network', 1]` → `permissions.network[1]`; the root is the empty text. */
export const fieldName = (path: FieldPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const plain = /^[A-Za-z_$][\w$-]{0,99}$/.test(part)
    if (plain) return text === '' ? part : `${text}.${part}`
    return `${text}[${quote(part)}]`
  }, '')

/** Quotes text of unknown origin: cut to 100 characters, everything but printable ASCII escaped. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text).replace(
    /[^ -~…]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
