// One order of texts in every language: by code points, which is that of UTF-8 bytes. JavaScript's own differs above U+FFFF.

/** For `sort`. */
export const byCodePoints = (one: string, other: string): number => {
  const [left, right] = [one[Symbol.iterator](), other[Symbol.iterator]()]
  for (;;) {
    const [a, b] = [left.next(), right.next()]
    if (a.done === true) return b.done === true ? 0 : -1
    if (b.done === true) return 1
    const difference = (a.value.codePointAt(0) ?? 0) - (b.value.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
}
