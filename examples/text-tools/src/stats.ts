// Counts of a text: words, sentences, reading time, what it is about.

import { frequencies, paragraphsOf, sentencesOf, wordsOf } from './words.ts'

/** Words that a person reads in a minute, silently. Source: Brysbaert, "How many words do we read per minute?", 2019. */
const wordsPerMinute = 238

/** Result of {@link stats}. */
export interface Stats {
  readonly characters: number
  readonly words: number
  readonly distinctWords: number
  readonly sentences: number
  readonly paragraphs: number
  /** Mean words of a sentence, one decimal. */
  readonly wordsPerSentence: number
  readonly readingSeconds: number
  readonly topWords: { word: string; count: number }[]
}

/** Counts a text. `top` is the number of words in `topWords`. */
export const stats = (text: string, top = 10): Stats => {
  const words = wordsOf(text)
  const sentences = sentencesOf(text).length
  return {
    characters: [...text].length,
    words: words.length,
    distinctWords: new Set(words).size,
    sentences,
    paragraphs: paragraphsOf(text).length,
    wordsPerSentence: sentences === 0 ? 0 : Math.round((words.length / sentences) * 10) / 10,
    readingSeconds: Math.round((words.length / wordsPerMinute) * 60),
    topWords: frequencies(words)
      .slice(0, top)
      .map(([word, count]) => ({ word, count })),
  }
}
