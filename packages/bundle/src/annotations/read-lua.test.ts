import { expect, test } from 'vitest'
import { readAnnotations } from './read-annotations.ts'

const read = (source: string) => readAnnotations('lua', source)
const inputOf = (source: string, name = 'f') => read(source).actions[name]?.input

test('parameters are named by their places, with types and descriptions', () => {
  const { actions, warnings } = read(`
---Rolls dice.
---@param count integer how many
---@param sides? integer
---@return integer[] # each of them
---@risk read-only
---@timeout 5s
function roll(count, sides) end`)
  expect(warnings).toEqual([])
  expect(actions).toEqual({
    roll: {
      description: 'Rolls dice.',
      parameters: [
        { name: 'count', schema: { type: 'integer' }, description: 'how many', optional: false },
        { name: 'sides', schema: { type: ['integer', 'null'] }, optional: true },
      ],
      input: {
        type: 'object',
        properties: { count: { type: 'integer', description: 'how many' }, sides: { type: ['integer', 'null'] } },
        required: ['count'],
        additionalProperties: false,
      },
      // Lua has one table: an empty list comes as an empty object.
      output: { type: ['array', 'object'], items: { type: 'integer' }, maxProperties: 0 },
      risk: 'read-only',
      timeoutMs: 5000,
      line: 8,
    },
  })
})

test('a lone parameter named input takes the whole input', () => {
  const { actions } = read('---@param input { a: string, b?: integer }\nfunction f(input) end')
  expect(actions['f']).toMatchObject({
    parameters: null,
    input: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: ['integer', 'null'] } },
      required: ['a'],
      additionalProperties: false,
    },
  })
})

test.each([
  ['string', { type: 'string' }],
  ['string[][]', { type: 'array', items: { type: 'array', items: { type: 'string' } } }],
  ['table<string, number>', { type: 'object', additionalProperties: { type: 'number' } }],
  ['table<integer, string>', { type: 'array', items: { type: 'string' } }],
  ['table', { type: ['object', 'array'] }],
  ['any', {}],
  ['string|number', { type: ['string', 'number'] }],
  ['"a"|\'b\'|3', { enum: ['a', 'b', 3] }],
  ['string|nil', { type: ['string', 'null'] }],
  ['boolean?', { type: ['boolean', 'null'] }],
  ['(string|boolean)[]', { type: 'array', items: { type: ['string', 'boolean'] } }],
  ['fun(a: string): boolean', {}],
  ['string[]|{ n: number }', { anyOf: [{ type: 'array', items: { type: 'string' } }, expect.anything()] }],
])('%s', (type, schema) => {
  const found = inputOf(`---@param a ${type} and what it is for\nfunction f(a) end`)?.['properties']
  expect(found).toEqual({ a: { ...schema, description: 'and what it is for' } })
})

test('classes and aliases of the file are looked up', () => {
  const schema = inputOf(`
---@class Named
---@field name string
---@class Creature: Named
---@field private hp integer how long it lasts
---@field [string] number
---@alias Mood
---| "calm" # the usual
---| "angry"
---@param who Creature
---@param mood Mood
function f(who, mood) end`)
  expect(schema).toMatchObject({
    properties: {
      who: {
        properties: { name: { type: 'string' }, hp: { type: 'integer', description: 'how long it lasts' } },
        required: ['name', 'hp'],
        additionalProperties: { type: 'number' },
      },
      mood: { enum: ['calm', 'angry'] },
    },
  })
})

test('a type that contains itself ends as anything', () => {
  const schema = inputOf('---@class Tree\n---@field left? Tree\n---@param t Tree\nfunction f(t) end')
  expect(schema).toMatchObject({ properties: { t: { properties: { left: {} } } } })
})

test.each([
  ['function f(a) end  function _g() end  local function h() end', ['f']],
  ['local M = {}  function M.f(a) end  M.g = function() end  function M:h() end  return M', ['f', 'g']],
  [
    'local function f() end  local function g() end  return { f = f, other = g, h = function() end }',
    ['f', 'other', 'h'],
  ],
  ['local M = { f = function() end }\nlocal function g() end\nM.g = g\nreturn M', ['f', 'g']],
  ['local M = {}  function M.f() end  function M.sub.g() end  return setmetatable(M, {})', ['f', 'g']],
  ['if x then function f() end else while y do z() end end  repeat g() until true  function h() end', ['h']],
  ['local s = "function f() end" .. [[ function g() end ]] --[==[ function h() end ]==]', []],
  ['function outer() function inner() end local t = { function() end } end', ['outer']],
])('actions of %s', (source, names) => {
  expect(Object.keys(read(source).actions)).toEqual(names)
})

test('what has no annotation is named, without a type', () => {
  expect(read('function f(a, ...) end').actions['f']).toEqual({
    parameters: [{ name: 'a', optional: true }],
    // When nothing in it is needed, no input at all will do.
    input: { type: ['object', 'null'], properties: { a: {} }, additionalProperties: false },
    line: 1,
  })
})

test('what is wrong is left out, and told with its line', () => {
  const { actions, warnings } = read(`
---@param a {b:
---@param z string
---@param c Strange
---@risk enormous
---@timeout soon
function f(a, c) end`)
  expect(actions['f']?.parameters).toEqual([
    { name: 'a', optional: true },
    { name: 'c', schema: {}, optional: false },
  ])
  expect(warnings.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '2 a type cannot be read: a type is missing',
    '3 @param names "z", which the function does not take',
    '4 the type "Strange" is not declared in this file: anything is taken for it',
    expect.stringContaining('5 @risk "enormous" is none of read-only'),
    '6 @timeout "soon" is no duration, as 5s is',
  ])
})

test('a comment belongs to what stands right below it', () => {
  const { actions } = read('---Far away.\n\n\nfunction f() end\n---Near.\nlocal M = 1\nfunction g() end')
  expect(Object.values(actions).map(({ description }) => description)).toEqual([undefined, undefined])
})
