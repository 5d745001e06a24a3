// Writes sdks/rune/host.rn: the `host` crate as documented signatures. Rune has no types to declare, so that comments tell
// them; it parses as Rune, and is never run.

import { schemaSummary } from '../../packages/surfaces/cli/src/output/schema-summary.ts'
import { guestSide, type RuneMember } from './guest-side.ts'
import type { Field, Method } from './method-model.ts'
import { wrapped } from './names.ts'
import { areaProse, methodProse } from './prose.ts'
import { fieldText } from './typescript-areas.ts'

const comment = (indent: string, text: string): string[] =>
  wrapped(text, 112 - indent.length).map((line) => `${indent}/// ${line}`)

const fieldLine = (indent: string, { name, schema, isRequired }: Field): string => {
  const told = fieldText(schema)
  const must = isRequired ? '' : ', may be left out'
  return `${indent}/// - \`${name}\`: \`${schemaSummary(schema, 400)}\`${must}${told === '' ? '' : `. ${told}`}`
}

const givesLine = (indent: string, { result, isOptional }: Method): string => {
  const type = result === undefined ? '()' : schemaSummary(result, 400)
  return `${indent}/// Gives \`Ok(${isOptional ? `Option of ${type}` : type})\` or \`Err(HostError)\`.`
}

const methodLines = (method: Method): string[] => {
  const { row, fn, positional, options } = method
  const indent = '        '
  const about = comment(indent, methodProse[`${row.area}.${row.name}`] ?? fn.description ?? '')
  const fields = positional.map((field) => fieldLine(indent, field))
  const names = positional.map(({ name }) => name)
  const signature = (name: string, parameters: readonly string[]): string =>
    `${indent}pub fn ${name}(${parameters.join(', ')}) {}`
  const bare = [
    ...about,
    `${indent}///`,
    ...fields,
    ...(fields.length > 0 ? [`${indent}///`] : []),
    givesLine(indent, method),
    signature(row.name, names),
    '',
  ]
  if (options.length === 0) return bare
  const withOptions = [
    ...options.map((field) => fieldLine(indent, field)),
    signature(`${row.name}_with`, [...names, 'options']),
    '',
  ]
  if (options.some(({ isRequired }) => isRequired)) {
    return [...about, `${indent}///`, givesLine(indent, method), ...withOptions]
  }
  return [...bare, `${indent}/// As \`${row.name}\`, with options:`, `${indent}///`, ...withOptions]
}

const memberLines = (indent: string, about: string, { call, gives, isAsync = false }: RuneMember): string[] => [
  ...comment(indent, about),
  `${indent}///`,
  ...comment(indent, `Gives ${gives}.`),
  `${indent}pub ${isAsync ? 'async ' : ''}fn ${call.split('::').at(-1)} {}`,
  '',
]

/** Members of the guest's side in one area; '' for the root. */
const membersIn = (area: string): { readonly about: string; readonly member: RuneMember }[] =>
  Object.values(guestSide).flatMap(({ about, rune = [] }) =>
    rune
      .filter(({ call }) => (call.includes('::') ? call.split('::', 1)[0] : '') === area)
      .map((member) => ({ about, member })),
  )

/** The file. */
export const runeStub = (areas: ReadonlyMap<string, readonly Method[]>): string => {
  const lines = [
    '// Written by scripts/generate-guest-api.ts from the guest API table. A reference to read; it is never run.',
    '',
    '/// The host functions, each behind the gate. A call waits for its answer and gives a `Result`: `host::kv::get("key")?`.',
    'pub mod host {',
    '    /// What a failed host call gives: `code`, `message`, and perhaps `hint` and `details`.',
    '    pub struct HostError {',
    '        code,',
    '        message,',
    '        hint,',
    '        details,',
    '    }',
    '',
  ]
  for (const { about, member } of membersIn('')) lines.push(...memberLines('    ', about, member))
  const names = new Set([...areas.keys(), 'log', 'random'])
  for (const area of names) {
    lines.push(...comment('    ', areaProse[area]?.about ?? ''), `    pub mod ${area} {`)
    for (const method of areas.get(area) ?? []) lines.push(...methodLines(method))
    for (const { about, member } of membersIn(area)) lines.push(...memberLines('        ', about, member))
    lines.push('    }', '')
  }
  return `${lines.join('\n').trimEnd()}\n}\n`
}
