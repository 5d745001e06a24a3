// What a reader takes for one character. A part of the rules of Unicode (UAX 29), small enough to be the same in every language:
// marks and joiners belong to what they follow, flags are pairs, line ends of two characters are one.

const joiner = 0x200d

/** First and last of ranges of marks that belong to the character before. */
const marks: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f],
  [0x0483, 0x0489],
  [0x0591, 0x05bd],
  [0x0610, 0x061a],
  [0x064b, 0x065f],
  [0x0900, 0x0903],
  [0x093a, 0x093c],
  [0x093e, 0x094f],
  [0x0e31, 0x0e31],
  [0x0e34, 0x0e3a],
  [0x0e47, 0x0e4e],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200c, 0x200d],
  [0x20d0, 0x20ff],
  [0x302a, 0x302f],
  [0x3099, 0x309a],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0x1f3fb, 0x1f3ff],
  [0xe0020, 0xe007f],
  [0xe0100, 0xe01ef],
]

const isMark = (code: number): boolean => marks.some(([first, last]) => code >= first && code <= last)
const isFlagLetter = (code: number): boolean => code >= 0x1f1e6 && code <= 0x1f1ff

/** The characters of a text, as a reader counts them. */
export const charactersOf = (text: string): string[] => {
  const characters: string[] = []
  let last = -1
  let flagLetters = 0
  for (const one of text) {
    const code = one.codePointAt(0) ?? 0
    const joins =
      last >= 0 &&
      (isMark(code) ||
        (last === joiner && code > 0x7f) ||
        (last === 0x0d && code === 0x0a) ||
        (isFlagLetter(code) && flagLetters % 2 === 1))
    if (joins) characters.push((characters.pop() ?? '') + one)
    else characters.push(one)
    flagLetters = isFlagLetter(code) ? flagLetters + 1 : 0
    last = code
  }
  return characters
}
