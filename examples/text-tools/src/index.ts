// The plugin: five actions over prose and Markdown. Only `file-stats` reaches outside, and only for the file it is given.

import { defineAction, definePlugin } from '@bulkhead/sdk'
import { outline, slugify } from './outline.ts'
import { stats } from './stats.ts'
import { summarize } from './summarize.ts'

const text = { type: 'string', description: 'UTF-8 prose or Markdown.' } as const
const top = { type: 'integer', minimum: 0, maximum: 1000, description: 'How many words to list.' } as const
const counted = {
  type: 'object',
  properties: {
    characters: { type: 'integer' },
    words: { type: 'integer' },
    distinctWords: { type: 'integer' },
    sentences: { type: 'integer' },
    paragraphs: { type: 'integer' },
    wordsPerSentence: { type: 'number' },
    readingSeconds: { type: 'integer' },
    topWords: {
      type: 'array',
      items: {
        type: 'object',
        properties: { word: { type: 'string' }, count: { type: 'integer' } },
        required: ['word', 'count'],
      },
    },
  },
  required: ['words', 'sentences', 'readingSeconds', 'topWords'],
} as const

export default definePlugin({
  name: 'text-tools',
  version: '1.0.0',
  actions: {
    stats: defineAction({
      description: 'Counts words and sentences, estimates the reading time, lists the words that occur most.',
      risk: 'read-only',
      input: { type: 'object', properties: { text, top }, required: ['text'], additionalProperties: false },
      output: counted,
      run: (input) => ({ ...stats(input.text, input.top) }),
    }),
    slugify: defineAction({
      description: 'Turns a title into a part of an address.',
      risk: 'read-only',
      input: {
        type: 'object',
        properties: { text: { type: 'string' }, maxLength: { type: 'integer', minimum: 1, maximum: 1000 } },
        required: ['text'],
        additionalProperties: false,
      },
      output: { type: 'object', properties: { slug: { type: 'string' } }, required: ['slug'] },
      run: (input) => ({ slug: slugify(input.text, input.maxLength) }),
    }),
    summarize: defineAction({
      description: 'Picks the sentences that say most about a text, in its own order.',
      risk: 'read-only',
      input: {
        type: 'object',
        properties: { text, sentences: { type: 'integer', minimum: 1, maximum: 100 } },
        required: ['text'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { sentences: { type: 'array', items: { type: 'string' } } },
        required: ['sentences'],
      },
      run: (input) => ({ sentences: summarize(input.text, input.sentences) }),
    }),
    outline: defineAction({
      description: 'Lists the headings of a Markdown text with levels, lines and slugs.',
      risk: 'read-only',
      input: { type: 'object', properties: { text }, required: ['text'], additionalProperties: false },
      output: {
        type: 'object',
        properties: {
          headings: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                level: { type: 'integer' },
                title: { type: 'string' },
                slug: { type: 'string' },
                line: { type: 'integer' },
              },
              required: ['level', 'title', 'slug', 'line'],
            },
          },
        },
        required: ['headings'],
      },
      run: (input) => ({ headings: outline(input.text).map((heading) => ({ ...heading })) }),
    }),
    'file-stats': defineAction({
      description: 'As stats, for a file under the folders that were granted for reading.',
      risk: 'read-only',
      uses: ['fs'],
      input: {
        type: 'object',
        properties: { path: { type: 'string' }, top },
        required: ['path'],
        additionalProperties: false,
      },
      output: counted,
      run: async (input, context) => ({ ...stats(await context.fs.readText(input.path), input.top) }),
    }),
  },
})
