// The yaml.*, csv.* and regex.* host functions. They hand text to a thread and get JSON text back, whose size was bounded there.

import { type AnyHostFunction, defineHostFunction, type Json, WrittenOutput } from '@bulkhead/kernel'
import { z } from 'zod'
import { maxResultValues, maxTextLength } from './compute/bounds.ts'
import type { Computer } from './compute/computer-node.ts'
import { callerOf } from './compute/caller.ts'

const text = z.string().max(maxTextLength)
const jsonValue = z.unknown() as unknown as z.ZodType<Json>
/** A result with one member, whose JSON text a thread made. It is not read here: it may hold a quarter of a million values. */
const written = (member: string, json: string): WrittenOutput => new WrittenOutput(`{"${member}":${json}}`)
const pure = { needs: () => [], risk: 'read-only' } as const

/** Longest YAML, UTF-16 code units: its reader takes a kilobyte for each value. */
const maxYamlLength = 1024 * 1024

const makeYamlFunctions = (computer: Computer): AnyHostFunction[] => [
  defineHostFunction({
    name: 'yaml.parse',
    description: 'Reads one YAML 1.2 document of plain data; keys become text. No custom tags, few aliases.',
    input: z.strictObject({ text: z.string().max(maxYamlLength) }),
    output: z.object({ value: jsonValue }),
    ...pure,
    run: async ({ input }, context) => written('value', await computer.compute('yaml.parse', input, callerOf(context))),
  }),
  defineHostFunction({
    name: 'yaml.format',
    description: 'Writes a value as YAML 1.2.',
    input: z.strictObject({ value: jsonValue, indent: z.int().min(1).max(8).default(2) }),
    output: z.object({ text: z.string() }),
    ...pure,
    run: async ({ input: { value, indent } }, context) => ({
      text: await computer.compute('yaml.format', { json: JSON.stringify(value ?? null), indent }, callerOf(context)),
    }),
  }),
]

const delimiter = z
  .string()
  .length(1)
  .refine((character) => !'"\r\n'.includes(character), 'must not be a quotation mark or a line end')
  .default(',')
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const cells = z.union([z.array(scalar), z.record(z.string(), scalar)])
/** Rows are checked in the thread, one by one. */
const rows = z
  .unknown()
  .refine(Array.isArray, 'must be a list')
  .meta({ type: 'array', items: z.toJSONSchema(cells) as Record<string, unknown> }) as unknown as z.ZodType<
  readonly Json[]
>

const makeCsvFunctions = (computer: Computer): AnyHostFunction[] => [
  defineHostFunction({
    name: 'csv.parse',
    description:
      'Reads CSV (RFC 4180). Rows are lists of text; with `header`, objects by the column names of the first line.',
    input: z.strictObject({ text, header: z.boolean().default(false), delimiter }),
    output: z.object({ rows: jsonValue.meta({ type: 'array' }) }),
    ...pure,
    run: async ({ input }, context) => written('rows', await computer.compute('csv.parse', input, callerOf(context))),
  }),
  defineHostFunction({
    name: 'csv.format',
    description: 'Writes rows as CSV (RFC 4180): lists of cells, or objects, whose column names come first.',
    input: z.strictObject({
      rows,
      columns: z.array(z.string()).max(10_000).optional(),
      header: z.boolean().default(true),
      delimiter,
      newline: z.enum(['\r\n', '\n']).default('\r\n'),
    }),
    output: z.object({ text: z.string() }),
    ...pure,
    run: async ({ input: { rows: given, columns, ...options } }, context) => ({
      text: await computer.compute(
        'csv.format',
        { json: JSON.stringify(given), ...options, ...(columns === undefined ? {} : { columns }) },
        callerOf(context),
      ),
    }),
  }),
]

/** Longest pattern, UTF-16 code units. */
const maxPatternLength = 2000
const pattern = z.string().max(maxPatternLength)
const flags = z
  .string()
  .max(3)
  .regex(/^[ims]*$/, 'must be letters of i, m and s')
  .default('')
const limit = z.int().min(1).max(maxResultValues).optional()
/** Without a limit: what would be too much is refused, and never cut off. */
const searchOf = <Input extends { readonly limit?: number | undefined }>(input: Input) => ({
  ...input,
  limit: input.limit ?? Number.POSITIVE_INFINITY,
})
const match = z.object({
  text: z.string(),
  from: z.int(),
  to: z.int(),
  groups: z.array(z.string().nullable()),
  named: z.record(z.string(), z.string().nullable()),
})
type Match = z.infer<typeof match>
/** What comes from our own thread is not looked at again, match by match. */
const matches = z
  .unknown()
  .meta({ type: 'array', items: z.toJSONSchema(match) as Record<string, unknown> }) as unknown as z.ZodType<Match[]>

const makeRegexFunctions = (computer: Computer): AnyHostFunction[] => [
  defineHostFunction({
    name: 'regex.test',
    description: 'Whether a pattern (RE2) is found anywhere in a text.',
    input: z.strictObject({ pattern, text, flags }),
    output: z.object({ matches: z.boolean() }),
    ...pure,
    run: async ({ input }, context) => ({
      matches: await computer.compute('regex.test', { ...input, limit: 1 }, callerOf(context)),
    }),
  }),
  defineHostFunction({
    name: 'regex.find',
    description: 'The first match of a pattern (RE2), with its groups. Positions count Unicode characters from 0.',
    input: z.strictObject({ pattern, text, flags }),
    output: z.object({ found: z.boolean(), match: match.nullable() }),
    ...pure,
    run: async ({ input }, context) => {
      const json = await computer.compute('regex.find_all', { ...input, limit: 1 }, callerOf(context))
      const [first] = JSON.parse(json) as Match[]
      return first === undefined ? { found: false, match: null } : { found: true, match: first }
    },
  }),
  defineHostFunction({
    name: 'regex.find_all',
    description: 'All matches of a pattern (RE2) from left to right.',
    input: z.strictObject({ pattern, text, flags, limit }),
    output: z.object({ matches }),
    ...pure,
    run: async ({ input }, context) =>
      written('matches', await computer.compute('regex.find_all', searchOf(input), callerOf(context))),
  }),
  defineHostFunction({
    name: 'regex.replace',
    description:
      'The text with all matches, or the first `limit`, replaced. `$1` and `${name}` stand for groups, `$$` for a dollar sign.',
    input: z.strictObject({ pattern, text, replacement: z.string().max(100_000), flags, limit }),
    output: z.object({ text: z.string(), count: z.int() }),
    ...pure,
    run: async ({ input }, context) => computer.compute('regex.replace', searchOf(input), callerOf(context)),
  }),
  defineHostFunction({
    name: 'regex.split',
    description: 'The text cut at all matches, or the first `limit`.',
    input: z.strictObject({ pattern, text, flags, limit }),
    output: z.object({ parts: jsonValue.meta({ type: 'array', items: { type: 'string' } }) }),
    ...pure,
    run: async ({ input }, context) =>
      written('parts', await computer.compute('regex.split', searchOf(input), callerOf(context))),
  }),
]

/** Declares the functions on text over the threads. */
export const makeTextFunctions = (computer: Computer): AnyHostFunction[] => [
  ...makeYamlFunctions(computer),
  ...makeCsvFunctions(computer),
  ...makeRegexFunctions(computer),
]
