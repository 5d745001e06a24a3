// Writes a vault of notes that link to each other, the same for the same size: words by Zipf's law, folders, tags, frontmatter,
// aliases, headings, and links in every spelling. Nobody measures here.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readLabelledSet } from '../semantic/labelled-set.ts'

/** How large. */
export interface VaultSize {
  readonly notes: number
  readonly links: number
}

const folders = 60
const wordsPerNote = 110

/** xorshift32 (Marsaglia, 2003): the same numbers for the same seed. */
const makeRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** The words of the judged notes, frequent ones first: words that have a meaning for search by meaning. */
const vocabulary = ((): readonly string[] => {
  const counts = new Map<string, number>()
  for (const { text } of readLabelledSet().notes) {
    for (const word of text.toLowerCase().match(/[a-z]{3,}/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts]
    .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
    .map(([word]) => word)
})()

/** The word at a place of the vocabulary. */
export const wordAt = (place: number): string => vocabulary[place % vocabulary.length] ?? ''

/** A place in the vocabulary, low ones by far the most frequent. */
const zipf = (random: () => number): number => Math.floor(vocabulary.length ** random()) - 1

/** Path of the note with that number, without its ending. */
export const notePathAt = (index: number): string =>
  `${index % 5 === 0 ? `Area ${index % 7}/` : ''}Folder ${index % folders}/${wordAt(index % 997)} ${index}`

const linkTo = (target: number, random: () => number): string => {
  const path = notePathAt(target)
  const name = path.slice(path.lastIndexOf('/') + 1)
  const spellings = [`[[${name}]]`, `[[${path}]]`, `[[${name}#Details|see there]]`, `![[${name}]]`, `[[${name}]]`]
  return spellings[Math.floor(random() * spellings.length)] ?? ''
}

/** Half of the links lead to one note in ten. */
const targetOf = (notes: number, random: () => number): number =>
  Math.floor(random() * (random() < 0.5 ? Math.max(1, notes / 10) : notes))

const textOf = (index: number, links: readonly string[], random: () => number): string => {
  const words = Array.from({ length: wordsPerNote }, () => wordAt(zipf(random)))
  for (const [at, link] of links.entries())
    words.splice(Math.floor(((at + 1) * words.length) / (links.length + 2)), 0, link)
  const tags = [`area/${wordAt(index % 30)}`, wordAt(index % 200)]
  const paragraphs = [words.slice(0, 40), words.slice(40, 80), words.slice(80)].map((part) => `${part.join(' ')}.`)
  const front =
    index % 2 === 0 ? `---\ntags: [${tags.join(', ')}]\naliases: [alias ${index}]\nnumber: ${index}\n---\n` : ''
  return `${front}# Note ${index}\n\n${paragraphs[0]}\n\n## Details\n\n${paragraphs[1]} #${tags[1]}\n\n## More\n\n${paragraphs[2]}\n`
}

/** Writes the vault into an empty folder. */
export const writeVault = async (folder: string, { notes, links }: VaultSize): Promise<void> => {
  const random = makeRandom(20_251_207)
  for (let index = 0; index < notes; index++) {
    const from = Math.floor((index * links) / notes)
    const count = Math.floor(((index + 1) * links) / notes) - from
    const written = Array.from({ length: count }, () => linkTo(targetOf(notes, random), random))
    const path = join(folder, `${notePathAt(index)}.md`)
    if (index < folders * 7) await mkdir(dirname(path), { recursive: true })
    await writeFile(path, textOf(index, written, random))
  }
}
