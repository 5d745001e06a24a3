// Writes docs/reference/guest-api.md: each method with its spelling in each language.

import { schemaSummary } from '../../packages/surfaces/cli/src/output/schema-summary.ts'
import { factsOf } from './facts.ts'
import { guestSide } from './guest-side.ts'
import type { Field, Method } from './method-model.ts'
import { areaProse, errorsOfAnyCall, methodProse } from './prose.ts'
import { inJavaScript, inLua, inRune } from './spellings.ts'
import { fieldText } from './typescript-areas.ts'

const code = (text: string): string => `\`${text}\``
const cell = (text: string): string => text.replaceAll('|', '\\|')

const fieldRow = (prefix: string, { name, schema, isRequired }: Field): string =>
  `| ${code(prefix + name)} | ${cell(code(schemaSummary(schema, 400)))} | ${isRequired ? 'yes' : ''} | ${cell(fieldText(schema))} |`

const resultText = ({ result, isOptional }: Method): string => {
  if (result === undefined) return 'nothing'
  const type = cell(code(schemaSummary(result, 600)))
  return isOptional ? `${type}, or undefined, nil, \`None\`` : type
}

const methodSection = (method: Method): string => {
  const { row, fn, positional, options } = method
  const { needs, risk } = factsOf(method)
  const fields = [
    ...positional.map((field) => fieldRow('', field)),
    ...options.map((field) => fieldRow('options.', field)),
  ]
  const parameters =
    fields.length === 0 ? '' : `\n| parameter | type | required | |\n| --- | --- | --- | --- |\n${fields.join('\n')}\n`
  const needed = needs.length === 0 ? '' : ` Capability: ${needs.map(code).join(', ')}.`
  return `### ${row.area}.${row.name}

${methodProse[`${row.area}.${row.name}`] ?? fn.description ?? ''}

| | |
| --- | --- |
| JavaScript | ${code(inJavaScript(method))} |
| Lua | ${code(inLua(method))} |
| Rune | ${inRune(method).map(code).join('<br>')} |
| gives | ${resultText(method)} |
${parameters}
Calls ${code(row.calls)}. Risk: ${risk}.${needed}
`
}

const errorLinks = (codes: readonly string[]): string =>
  codes.map((one) => `[${code(one)}](errors.md#${one.split('.', 1)[0]})`).join(', ')

const areaSection = (area: string, methods: readonly Method[]): string => {
  const prose = areaProse[area]
  if (prose === undefined) throw new Error(`the area ${area} is not described`)
  const { about, needs, errors, inJavaScript: addition } = prose
  return `## ${area}

${about} Needs ${needs}.${errors.length === 0 ? '' : ` May fail with ${errorLinks(errors)}.`}${addition === undefined ? '' : `\n\n${addition}`}

${methods.map(methodSection).join('\n')}`
}

const guestSideSection = (): string => {
  const sections = Object.entries(guestSide).map(([name, { about, javascript = [], lua = [], rune = [] }]) => {
    const spelled: readonly (readonly [string, readonly string[]])[] = [
      ['JavaScript', javascript.map(code)],
      ['Lua', lua.map(({ call }) => code(`host.${call}`))],
      ['Rune', rune.map(({ call, isAsync = false }) => code(`host::${call}${isAsync ? '.await' : ''}`))],
    ]
    const rows = spelled
      .filter(([, calls]) => calls.length > 0)
      .map(([language, calls]) => `| ${language} | ${calls.join('<br>')} |`)
    return `### ${name}

${about}

| | |
| --- | --- |
${rows.join('\n')}
`
  })
  return `## What each language adds

${sections.join('\n')}`
}

/** The page. */
export const guestApiReference = (areas: ReadonlyMap<string, readonly Method[]>): string =>
  `<!-- Written by scripts/generate-guest-api.ts from the guest API table. Change the table or the functions, then run it again. -->

# Guest API

What a plugin's \`host\` object offers, in the three languages of the script tier. All three are made from one table
(\`packages/sdk/src/guest-api.ts\`), so that a method has the same name, the same arguments and the same result in each:

- **JavaScript and TypeScript**: names in camel case, every call returns a promise. An action gets the areas that its
  manifest asks for in its second argument: \`run: async (input, { kv, log }) => …\`; the global \`host\` has all of them.
- **Lua**: names in snake case. A call waits for its answer and gives it; a failure is raised as an error with the fields
  \`code\`, \`message\`, \`hint\` and \`details\`.
- **Rune**: names in snake case. A call waits and gives a \`Result\`, so that \`?\` passes a failure on; its error has \`code\`,
  \`message\`, \`hint\` (an \`Option\`: \`error.hint.unwrap_or("")\`) and \`details\`. Options are given to the method whose name ends in
  \`_with\`, as its last argument.

Options are an object, a table (\`{ scope = "workspace" }\`) or \`#{ scope: "workspace" }\`. Their fields are spelled alike in every
language. Bytes are a \`Uint8Array\`, a Lua string, \`Bytes\`; where a method takes bytes, a text is taken as its UTF-8.

Any call may fail with ${errorLinks(errorsOfAnyCall)}.
A failure that the plugin does not catch ends its call with the host's own error.

Functions of the embedding program, and host functions that have no method of their own, are there by their names with their
whole input as the one argument: \`host.orders.lookup({ id: 1 })\`, \`host.orders.lookup({ id = 1 })\`,
\`host::call("orders.lookup", #{ id: 1 })?\`. What a module or a process calls is in [Host functions](host-functions.md).

${[...areas].map(([area, methods]) => areaSection(area, methods)).join('\n')}
${guestSideSection()}`
