// Divides a text into words as the table spells them: lower case, without accents. Linear in the text, which is cut at a
// bound; it knows no vectors.

/** Characters of a text that are looked at; what follows is left out. */
export const mostCharacters = 16_384

/** Characters of one word; what is longer is no word of a language, and it is left out. */
const mostWordCharacters = 40

const letterA = 0x61
const letterZ = 0x7a
const digit0 = 0x30
const digit9 = 0x39

const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Accents become nothing, as the table's own tokeniser has it; ß, æ and the like have no parts and stay as they are. */
const fold = (text: string): string => {
  const lower = text.toLowerCase()
  return isAscii(lower) ? lower : lower.normalize('NFD').replace(/\p{Mn}+/gu, '')
}

const isWordUnit = (unit: number): boolean =>
  (unit >= letterA && unit <= letterZ) || (unit >= digit0 && unit <= digit9) || unit > 0x7f

/** Lower case, without accents, and cut at {@link mostCharacters}. */
export const foldText = (text: string): string =>
  fold(text.length > mostCharacters ? text.slice(0, mostCharacters) : text)

/**
 * Visits the words of a folded text in order, as places in it: runs of letters and digits. What is not ASCII counts as a
 * letter here (the table knows none of it, so that such a word falls away as a whole instead of leaving pieces that mean
 * something else), save for the marks of Latin-1 and of general punctuation, which divide.
 */
export const eachWord = (folded: string, visit: (start: number, end: number) => void): void => {
  let start = -1
  for (let at = 0; at <= folded.length; at++) {
    const unit = at < folded.length ? folded.charCodeAt(at) : 0
    // U+2000 to U+206F: dashes, quotation marks, bullets, spaces. U+00A0 to U+00BF: the same of Latin-1.
    const inside = isWordUnit(unit) && !(unit >= 0x2000 && unit <= 0x206f) && !(unit >= 0xa0 && unit <= 0xbf)
    if (inside) {
      if (start < 0) start = at
    } else if (start >= 0) {
      if (at - start <= mostWordCharacters) visit(start, at)
      start = -1
    }
  }
}
