// Cuts prose into words, sentences and paragraphs. Pure text in, pure text out.

/** A word: letters and digits, with apostrophes and hyphens inside (`don't`, `well-known`). */
const word = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu

/** What a full stop after it does not end a sentence. */
const abbreviations = new Set(['mr', 'mrs', 'ms', 'dr', 'st', 'prof', 'e.g', 'i.e', 'etc', 'vs', 'vol'])

/** Words that say nothing about what a text is about. */
export const emptyWords: ReadonlySet<string> = new Set(
  `a about after again all also am an and any are as at be because been before being but by can could did do does
  down each even every few for from had has have he her here hers him his how i if in into is it its just like may me
  might more most much must my no nor not now of off on once one only or other our out over own said same she should
  since so some still such than that the their them then there these they this those though through to too under
  until up upon us very was we were what when where which while who whom why will with would yet you your`
    .split(/\s+/)
    .filter((each) => each !== ''),
)

/** Words in lower case, in order. */
export const wordsOf = (text: string): string[] => (text.match(word) ?? []).map((each) => each.toLowerCase())

/** Paragraphs: blocks between blank lines, inner line breaks folded. Headings of Markdown are left out. */
export const paragraphsOf = (text: string): string[] =>
  text
    .split(/\r?\n\s*\r?\n/)
    .map((block) => block.replace(/\s+/g, ' ').trim())
    .filter((block) => block !== '' && !/^#{1,6} /.test(block))

const endsWithAbbreviation = (sentence: string): boolean => {
  const last = /(\S+)\.$/.exec(sentence)?.[1]?.toLowerCase()
  return last !== undefined && (abbreviations.has(last) || /^\p{L}$/u.test(last))
}

const sentencesOfParagraph = (paragraph: string): string[] => {
  const sentences: string[] = []
  let open = ''
  for (const piece of paragraph.split(/(?<=[.!?…]["'”’)\]]?)\s+(?=["'“‘([]?[\p{Lu}\p{N}])/u)) {
    open = open === '' ? piece : `${open} ${piece}`
    if (endsWithAbbreviation(open)) continue
    sentences.push(open)
    open = ''
  }
  return open === '' ? sentences : [...sentences, open]
}

/** Sentences, in order. A full stop after `Mr.` or an initial ends none. */
export const sentencesOf = (text: string): string[] => paragraphsOf(text).flatMap(sentencesOfParagraph)

/** How often each word occurs, empty words left out; most frequent first, then by the alphabet. */
export const frequencies = (words: readonly string[]): [word: string, count: number][] => {
  const counts = new Map<string, number>()
  for (const each of words) {
    if (each.length < 2 || emptyWords.has(each) || /^\p{N}+$/u.test(each)) continue
    counts.set(each, (counts.get(each) ?? 0) + 1)
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
