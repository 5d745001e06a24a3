// The plugin's exports, on the Extism PDK. Each reads its input, writes JSON, and returns 0, or sets an error and
// returns 1.

import { Host, LogLevel, Memory } from '@extism/as-pdk'
import { error_set } from '@extism/as-pdk/lib/env'
import { Counts, countWords, topWords } from './count'
import { readInput } from './input'

/** What the compiler calls when the program cannot go on. */
export function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void {
  unreachable()
}

function fail(message: string): i32 {
  error_set(Memory.allocateString(message).offset)
  return 1
}

/** The PDK's own `outputString` measures in UTF-16 units and cuts every text that is not ASCII. */
function write(json: string): void {
  Host.output(Uint8Array.wrap(String.UTF8.encode(json)))
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** At most one decimal, so that the text is the same everywhere. */
function decimal(value: f64): string {
  const tenths = i64(Math.round(value * 10))
  return `${tenths < 0 ? '-' : ''}${abs(tenths) / 10}.${abs(tenths) % 10}`
}

function writeCounts(counts: Counts, top: i32): i32 {
  const words = topWords(counts.frequencies, top)
  const list: string[] = []
  for (let i = 0; i < words.length; i++)
    list.push(`{"word":${quoted(words[i])},"count":${counts.frequencies.get(words[i])}}`)
  write(
    `{"words":${counts.words},"distinctWords":${counts.frequencies.size},"sentences":${counts.sentences},` +
      `"lines":${counts.lines},"topWords":[${list.join(',')}]}`,
  )
  Host.log(LogLevel.Info, `counted ${counts.words} words`)
  return 0
}

/** `{"text": …, "top": 10}` → counts and the most frequent words. */
export function count(): i32 {
  const input = readInput(Host.input())
  return input.fault == '' ? writeCounts(countWords(input.text), input.top) : fail(input.fault)
}

/** The same for bytes as they stand: the input is the text itself. */
export function count_bytes(): i32 {
  return writeCounts(countWords(Host.input()), 10)
}

/** `{"text": …}` → how easy an English text is to read. Source: Flesch, 1948; Kincaid et al., 1975. */
export function readability(): i32 {
  const input = readInput(Host.input())
  if (input.fault != '') return fail(input.fault)
  const counts = countWords(input.text)
  if (counts.words == 0) return fail('the text has no words')
  const wordsPerSentence = f64(counts.words) / f64(max(counts.sentences, 1))
  const syllablesPerWord = f64(counts.syllables) / f64(counts.words)
  write(
    `{"readingEase":${decimal(206.835 - 1.015 * wordsPerSentence - 84.6 * syllablesPerWord)},` +
      `"gradeLevel":${decimal(0.39 * wordsPerSentence + 11.8 * syllablesPerWord - 15.59)},` +
      `"wordsPerSentence":${decimal(wordsPerSentence)},"syllablesPerWord":${decimal(syllablesPerWord)}}`,
  )
  return 0
}
