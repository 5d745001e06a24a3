// Words for the full-text search: how text is made ready for the index, and how a query is read. No query ever reaches the
// search engine as its own language.

/** Chinese, Japanese and Korean are written without spaces: each character is a word of its own there. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu
const hasUnspaced = /[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|[\ud840-\ud87f]/

/** The text with spaces where words end and none is written. */
export const searchable = (text: string): string => {
  const whole = text.toWellFormed()
  return hasUnspaced.test(whole) ? whole.replace(unspaced, ' $& ') : whole
}

/** Words of a query that count. */
const maxWords = 32
const word = /"([^"]{1,500})"|([\p{L}\p{N}\p{M}_]+)/gu

/** A query as the engine's own expressions. */
export interface SearchWords {
  /** All words in one note; undefined when the query has none. */
  readonly all: string | undefined
  /** Any of them; undefined for a single word. */
  readonly any: string | undefined
}

/** Reads a query: words, and phrases in quotes. The last word may be the beginning of one. */
export const readQuery = (query: string): SearchWords => {
  const terms: string[] = []
  for (const match of query.toWellFormed().matchAll(word)) {
    const text = searchable(match[1] ?? match[2] ?? '')
      .replace(/[^\p{L}\p{N}\p{M}_]+/gu, ' ')
      .trim()
    if (text !== '') terms.push(`"${text}"`)
    if (terms.length === maxWords) break
  }
  const last = terms.pop()
  if (last === undefined) return { all: undefined, any: undefined }
  // A prefix of one or two letters would match half the vault.
  const open = /[\p{L}\p{N}_]$/u.test(query) && last.length >= 5 ? `${last} *` : last
  terms.push(open)
  return { all: terms.join(' AND '), any: terms.length > 1 ? terms.join(' OR ') : undefined }
}

/** The same words for finding them in a text: lower case, without accents. */
export const plainWords = (query: string): string[] =>
  [...query.toWellFormed().matchAll(/[\p{L}\p{N}_]+/gu)].slice(0, maxWords).map(([text]) => foldPlain(text))

/** Lower case without accents, of the same length as the text wherever that can be. */
export const foldPlain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
