import { expect, test } from 'vitest'
import { readAnnotations } from './read-annotations.ts'

const read = (source: string) => readAnnotations('rune', source)

test('public functions of the top level are read, with the tags of their comments', () => {
  const { actions, warnings } = read(`
// ---
// name: dice
// ---
/// Rolls dice.
///
/// @param count integer how many
/// @param label Option<String>
/// @return { total: i64, rolls: Vec<i64> }
/// @risk read-only
#[allow(unused)]
pub async fn roll(count, label, more) { let c = '{'; 'a: loop { break 'a; } \`{\` }
/// Not for others.
fn hidden(a) {}
impl Die { pub fn inner(self) {} }
mod inside { pub fn deeper() {} }
pub fn plain() {}`)
  expect(warnings).toEqual([])
  expect(actions).toEqual({
    roll: {
      description: 'Rolls dice.',
      parameters: [
        { name: 'count', schema: { type: 'integer' }, description: 'how many', optional: false },
        { name: 'label', schema: { type: ['string', 'null'] }, optional: true },
        { name: 'more', optional: true },
      ],
      input: {
        type: 'object',
        properties: {
          count: { type: 'integer', description: 'how many' },
          label: { type: ['string', 'null'] },
          more: {},
        },
        required: ['count'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { total: { type: 'integer' }, rolls: { type: 'array', items: { type: 'integer' } } },
        required: ['total', 'rolls'],
      },
      risk: 'read-only',
      line: 12,
    },
    plain: { parameters: [], input: expect.anything(), line: 17 },
  })
})

test('a pattern is named by its place', () => {
  const { actions } = read('pub fn f((a, b), _, #{c}, d) {}')
  expect(actions['f']?.parameters?.map(({ name }) => name)).toEqual(['argument1', 'argument2', 'argument3', 'd'])
})

test('a lone parameter named input takes the whole input', () => {
  expect(read('/// @param input { a: string }\npub fn f(input) {}').actions['f']).toMatchObject({
    parameters: null,
    input: { properties: { a: { type: 'string' } }, required: ['a'] },
  })
})
