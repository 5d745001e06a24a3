// The functions on text under one name.

import { charactersOf } from './characters.ts'
import {
  fill,
  length,
  levenshtein,
  lines,
  padEnd,
  padStart,
  split,
  trim,
  trimEnd,
  trimStart,
  truncate,
  wrap,
} from './text.ts'
import { camelCase, kebabCase, pascalCase, slug, snakeCase, titleCase, wordsOf } from './words.ts'

/** `text.slug('Über uns')` and so on. */
export const text = {
  trim,
  trimStart,
  trimEnd,
  split,
  lines,
  length,
  characters: charactersOf,
  padStart,
  padEnd,
  truncate,
  wrap,
  levenshtein,
  fill,
  words: wordsOf,
  camelCase,
  pascalCase,
  snakeCase,
  kebabCase,
  titleCase,
  slug,
}
