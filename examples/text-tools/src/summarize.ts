// Picks the sentences that say most about a text. Extractive: it never writes a word of its own.

import { frequencies, sentencesOf, wordsOf } from './words.ts'

/**
 * The `count` best sentences, in the order of the text. A sentence is worth the mean weight of its words, where a
 * word weighs its share of the text, and after each pick the picked words weigh less, so that picks do not repeat
 * each other. Source: Nenkova and Vanderwende, "The impact of frequency on summarization" (SumBasic), 2005.
 */
export const summarize = (text: string, count = 3): string[] => {
  const sentences = sentencesOf(text).map((sentence, index) => ({ sentence, index, words: new Set(wordsOf(sentence)) }))
  const known = frequencies(wordsOf(text))
  const total = known.reduce((sum, [, n]) => sum + n, 0)
  const weights = new Map(known.map(([word, n]) => [word, n / total]))

  const worth = (words: ReadonlySet<string>): number => {
    const weighed = [...words].filter((word) => weights.has(word))
    if (weighed.length < 3) return 0
    return weighed.reduce((sum, word) => sum + (weights.get(word) ?? 0), 0) / weighed.length
  }

  const picked: typeof sentences = []
  const left = [...sentences]
  while (picked.length < count && left.length > 0) {
    const best = left.reduce((a, b) => (worth(b.words) > worth(a.words) ? b : a))
    left.splice(left.indexOf(best), 1)
    picked.push(best)
    for (const word of best.words) if (weights.has(word)) weights.set(word, (weights.get(word) ?? 0) ** 2)
  }
  return picked.sort((a, b) => a.index - b.index).map(({ sentence }) => sentence)
}
