// Words of a text, and names made of them. Case is that of ASCII letters: other letters stay as they are, in every language.

const isSeparator = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return !/[A-Za-z0-9]/.test(character)
  // Latin-1 signs, general punctuation, CJK signs.
  return (
    (code >= 0x80 && code <= 0xbf) ||
    (code >= 0x2000 && code <= 0x206f) ||
    (code >= 0x3000 && code <= 0x303f) ||
    code === 0xd7 ||
    code === 0xf7
  )
}
const isUpper = (character: string): boolean => character >= 'A' && character <= 'Z' && character.length === 1

/** ASCII letters in lower case. */
export const lower = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
/** ASCII letters in upper case. */
export const upper = (text: string): string => text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase())

/** Words: parted by what is neither letter nor digit, and where an upper case letter begins one. */
export const wordsOf = (text: string): string[] => {
  const words: string[] = []
  let word = ''
  const end = (): void => {
    if (word !== '') words.push(word)
    word = ''
  }
  const characters = [...text]
  for (const [index, character] of characters.entries()) {
    if (isSeparator(character)) {
      end()
      continue
    }
    const before = characters[index - 1] ?? ''
    const after = characters[index + 1] ?? ''
    // `fooBar` and `HTTPServer`.
    const begins =
      isUpper(character) &&
      word !== '' &&
      (!isUpper(before) || (after !== '' && !isUpper(after) && !isSeparator(after) && !/[0-9]/.test(after)))
    if (begins) end()
    word += character
  }
  end()
  return words
}

const capital = (word: string): string => {
  const [first = '', ...rest] = word
  return upper(first) + lower(rest.join(''))
}

/** `someName`. */
export const camelCase = (text: string): string =>
  wordsOf(text)
    .map((word, index) => (index === 0 ? lower(word) : capital(word)))
    .join('')
/** `SomeName`. */
export const pascalCase = (text: string): string => wordsOf(text).map(capital).join('')
/** `some_name`. */
export const snakeCase = (text: string): string => wordsOf(text).map(lower).join('_')
/** `some-name`. */
export const kebabCase = (text: string): string => wordsOf(text).map(lower).join('-')
/** `Some Name`. */
export const titleCase = (text: string): string => wordsOf(text).map(capital).join(' ')

/** Latin letters with what they are without their marks. */
const folded: ReadonlyMap<string, string> = new Map(
  (
    'a:àáâãäåāăąÀÁÂÃÄÅĀĂĄ c:çćĉċčÇĆĈĊČ d:ďđðĎĐÐ e:èéêëēĕėęěÈÉÊËĒĔĖĘĚ g:ĝğġģĜĞĠĢ h:ĥħĤĦ i:ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ j:ĵĴ k:ķĶ ' +
    'l:ĺļľŀłĹĻĽĿŁ n:ñńņňÑŃŅŇ o:òóôõöøōŏőÒÓÔÕÖØŌŎŐ r:ŕŗřŔŖŘ s:śŝşšșŚŜŞŠȘ t:ţťŧțŢŤŦȚ u:ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ w:ŵŴ y:ýÿŷÝŸŶ ' +
    'z:źżžŹŻŽ ss:ßẞ ae:æÆ oe:œŒ th:þÞ'
  )
    .split(' ')
    .flatMap((entry) => {
      const [plain = '', letters = ''] = entry.split(':')
      return Array.from(letters, (letter): [string, string] => [letter, plain])
    }),
)

/** Lower case, Latin letters without their marks, anything between words as one hyphen: for file names and addresses. */
export const slug = (text: string): string => {
  const plain = Array.from(text, (character) => folded.get(character) ?? character)
    .join('')
    .replaceAll(/['’]/g, '')
  let made = ''
  for (const character of plain) {
    if (!isSeparator(character)) made += character
    else if (made !== '' && !made.endsWith('-')) made += '-'
  }
  return lower(made.endsWith('-') ? made.slice(0, -1) : made)
}
