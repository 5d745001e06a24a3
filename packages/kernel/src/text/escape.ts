// Text that came from a plugin is escaped before a person sees it: no control, bidirectional or zero-width characters
// reach a terminal or a prompt (Trojan Source, CVE-2021-42574).

// Control (C0, DEL, C1), Unicode line and paragraph separators, format characters (bidi, zero-width, tags), surrogates.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0]/gu

const escapeOne = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** Escapes for one line; newlines and tabs are escaped as well. At most `maxLength` characters, then an ellipsis. */
export const escapeLine = (text: string, maxLength = 500): string => {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return cut.replace(unsafe, escapeOne)
}

/** Escapes for several lines: newlines and tabs stay. */
export const escapeBlock = (text: string, maxLength = 100_000): string => {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return cut.replace(unsafe, (character) =>
    character === '\n' || character === '\t' ? character : escapeOne(character),
  )
}
