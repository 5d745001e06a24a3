// Annotations come out of hostile text: whatever it is, reading ends, never throws, and what comes of it is a schema that the
// host takes.

import { compileSchema } from '@bulkhead/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AnnotatedLanguage, annotationCaps, type Annotations } from './annotation.ts'
import { readAnnotations } from './read-annotations.ts'

const compileAll = ({ actions }: Annotations): void => {
  for (const { input, output } of Object.values(actions)) {
    if (input !== undefined) compileSchema(input)
    if (output !== undefined) compileSchema(output)
  }
}

const pieces = [
  ...'(){}[]<>|&?!:;,.=-#"\'`/*@\\\n ',
  ...['---', '///', '/**', '*/', '@param ', '@class ', '@field ', '@alias ', '@return ', 'A', 'b', 'string', 'integer'],
  ...['function ', 'local ', 'return ', 'end ', 'pub fn ', 'export ', 'type ', 'interface ', 'extends ', '${', '=>'],
]
const languages: readonly AnnotatedLanguage[] = ['lua', 'rune', 'javascript', 'typescript']

test.each(languages)('%s: any text is read', (language) => {
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((list) => list.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      const read = readAnnotations(language, text)
      compileAll(read)
      for (const { message } of read.warnings) expect(message).not.toMatch(/annotations cannot be read/)
    }),
    { numRuns: 2000 },
  )
})

const doubling = Array.from({ length: 60 }, (_, i) => `type A${i + 1} = { a: A${i}; b: A${i} }`).join('\n')
const parents = Array.from({ length: 60 }, (_, i) => `interface A${i + 1} extends A${i}, A${i} { x${i}: A${i} }`).join(
  '\n',
)

test.each([
  ['typescript', `type A0 = string\n${doubling}\nexport function f(a: A60) {}`],
  ['typescript', `interface A0 { a: string }\n${parents}\nexport function f(a: A60): A60 {}`],
  ['lua', `---@param a ${'{ a: '.repeat(1000)}\nfunction f(a) end`],
  ['lua', `---@param a ${'('.repeat(1000)}string\nfunction f(a) end`],
  ['rune', `/// @param a ${'Vec<'.repeat(15)}string${'>'.repeat(15)}[][][][][][][][]\npub fn f(a) {}`],
] as const)('%s: a type that grows beyond measure is cut: %.40s', (language, source) => {
  const read = readAnnotations(language, source)
  expect(Object.keys(read.actions)).toEqual(['f'])
  expect(JSON.stringify(read).length).toBeLessThan(3 * annotationCaps.schema)
  compileAll(read)
})

// Beginnings without an end, each of which could be followed to the end of the text.
test.each([
  ['typescript', 'function f<'],
  ['typescript', 'export const f = ('],
  ['typescript', 'type X = (\n'],
  ['typescript', '=/['],
  ['typescript', '`${'],
  ['lua', 'a.'],
  ['lua', 'local a = { b = '],
  ['lua', '---@param a (((\n'],
  ['rune', '#['],
  ['rune', 'pub fn f('],
] as const)('%s: a text full of %j is read to its end', (language, piece) => {
  const length = annotationCaps.source - 10
  const read = readAnnotations(language, piece.repeat(length / piece.length))
  expect(Object.keys(read.actions).length).toBeLessThanOrEqual(1)
})

test('a text that would be gone over again and again is given up', () => {
  const { actions, warnings } = readAnnotations('typescript', 'function f<'.repeat(annotationCaps.source / 11 - 1))
  expect(actions).toEqual({})
  expect(warnings).toEqual([{ line: 1, message: expect.stringContaining('never closed') }])
})

test('more than is read is told', () => {
  const many = Array.from({ length: 600 }, (_, i) => `function f${i}(${'a,'.repeat(70)}b) end`).join('\n')
  const { actions } = readAnnotations('lua', many)
  expect(Object.keys(actions)).toHaveLength(annotationCaps.actions)
  expect(actions['f0']?.parameters).toHaveLength(annotationCaps.parameters)
  const { warnings } = readAnnotations('lua', ' '.repeat(annotationCaps.source + 1))
  expect(warnings).toEqual([{ line: 1, message: expect.stringContaining('is longer than') }])
})
