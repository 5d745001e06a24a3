import { expect, test } from 'vitest'
import { readAnnotations } from './read-annotations.ts'

const typescript = (source: string) => readAnnotations('typescript', source)
const javascript = (source: string) => readAnnotations('javascript', source)
const closed = { additionalProperties: false }

test('TypeScript: the first parameter and the result, as far as they are written in the file', () => {
  const { actions, warnings } = typescript(`
interface Base { id: string }
export interface Options extends Base {
  /** What is said. */
  readonly text: string
  count?: number; mode: 'a' | "b"
  counts: Record<string, number>
}
type Out = { ok: boolean; items: ReadonlyArray<{ n: number }> } | null
/**
 * Says it.
 * @param input.count how often
 * @risk write
 */
export async function say({ text, count = 3 }: Options, context: Context): Promise<Out> { return null }`)
  expect(warnings).toEqual([])
  expect(actions['say']).toEqual({
    description: 'Says it.',
    parameters: null,
    input: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        text: { type: 'string', description: 'What is said.' },
        count: { type: 'number', description: 'how often' },
        mode: { enum: ['a', 'b'] },
        counts: { type: 'object', additionalProperties: { type: 'number' } },
      },
      required: ['id', 'text', 'mode', 'counts'],
      ...closed,
    },
    output: {
      type: ['object', 'null'],
      properties: {
        ok: { type: 'boolean' },
        items: { type: 'array', items: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } },
      },
      required: ['ok', 'items'],
    },
    risk: 'write',
    line: 15,
  })
})

test('JavaScript: the tags of JSDoc', () => {
  const { actions } = javascript(`
/** @typedef {object} Point
 *  @property {number} x
 *  @property {number} [y] up */
/**
 * Adds.
 * @param {object} input
 * @param {number} input.a first
 * @param {("x"|"y")} [input.b="x"] - second
 * @returns {Promise<{sum: number}>}
 */
export function add({ a, b }) { return { sum: a } }
/** @param {string} text what to shout */
export const shout = (text) => text.toUpperCase()
/** @param {Point} p */
export const move = async (p) => p`)
  expect(actions).toMatchObject({
    add: {
      description: 'Adds.',
      input: {
        properties: { a: { type: 'number', description: 'first' }, b: { enum: ['x', 'y'], description: 'second' } },
        required: ['a'],
        ...closed,
      },
      output: { properties: { sum: { type: 'number' } } },
    },
    shout: { input: { type: 'string', description: 'what to shout' } },
    move: { input: { properties: { x: {}, y: { description: 'up' } }, required: ['x'] } },
  })
})

test.each([
  ['export function f(a: string) {} function g(a: string) {}', ['f']],
  ['function f(a: string) {} export { f as g, h }', ['g']],
  ["export { f } from './other.ts'; function f() {}", []],
  ['export default function (a: string) {}', ['default']],
  ['export const f = <T,>(a: T) => a, g = 1; export const h = function () {}', ['f', 'h']],
  ['export class C { f() {} } export const k = 3; export type T = string', []],
  ['const r = /["\'`{]/.test(x); const t = `${`}`}{`; export function f() {}', ['f']],
  ['const a = b / c; export function f() {} // d / e', ['f']],
  ["export default definePlugin({ name: 'x' }); export function f(a: string) {}", []],
])('actions of %s', (source, names) => {
  expect(Object.keys(typescript(source).actions)).toEqual(names)
})

test('an input that may be left out may be nothing', () => {
  const { actions } = typescript('export function f(input?: string) {} export function g(input: string | undefined) {}')
  expect(actions).toMatchObject({
    f: { input: { type: ['string', 'null'] } },
    g: { input: { type: ['string', 'null'] } },
  })
})

test('a type that is not understood is left out, and told', () => {
  const { actions, warnings } = typescript(`type A = B extends string ? 1 : 2
export function f(a: keyof A): Set<string> {}
export function g(a: { b: Elsewhere }): a is string {}`)
  expect(actions).toMatchObject({ f: { parameters: null }, g: { input: { properties: { b: {} } } } })
  expect(actions['f']).not.toHaveProperty('input')
  expect(warnings.map(({ line }) => line)).toEqual([1, 2, 2, 3, 3])
})
