// Writes docs/reference/host-functions.md from the declarations of the host functions and the guest API table:
//   node --conditions=@bulkhead/source scripts/generate-function-reference.ts
// A test compares the committed page with what this yields, so that a function cannot go undocumented. Nothing here
// runs a function: the ports are empty.

import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { AnyHostFunction } from '../packages/kernel/src/index.ts'
import { makeMethods } from './guest-api/method-model.ts'
import { areaProse } from './guest-api/prose.ts'
import { inJavaScript } from './guest-api/spellings.ts'
import { standardFunctions } from './guest-api/standard-functions.ts'
import { schemaSummary } from '../packages/surfaces/cli/src/output/schema-summary.ts'

/** Where the page stands. */
export const functionReferencePath = fileURLToPath(new URL('../docs/reference/host-functions.md', import.meta.url))

// A field of bytes is a union inside (bytes or base64); outside it is bytes.
const override = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.contentEncoding === 'base64') delete jsonSchema.anyOf
}

const summary = (schema: z.ZodType, io: 'input' | 'output'): string =>
  schemaSummary(z.toJSONSchema(schema, { io, unrepresentable: 'any', override }), 1000).replaceAll('|', '\\|')

const row = ({ name, description = '', input, output }: AnyHostFunction): string =>
  `| \`${name}\` | ${description.replaceAll('|', '\\|')} | \`${summary(input, 'input')}\` | \`${summary(output, 'output')}\` |`

/** The page. */
export const functionReference = (): string => {
  const methods = makeMethods()
  const sections = Object.entries(standardFunctions).map(([area, functions]) => {
    const script = (methods.get(area) ?? []).map((method) => inJavaScript(method).replace('await ', ''))
    return `## ${area}

Needs ${areaProse[area]?.needs ?? 'nothing'}.

\`\`\`ts
${script.length === 0 ? 'host.log.info(...values) // and trace, debug, warn, error; console.log and so on do the same' : script.join('\n')}
\`\`\`

| function | what it does | input | output |
| --- | --- | --- | --- |
${functions.map(row).join('\n')}
`
  })
  return `<!-- Written by scripts/generate-function-reference.ts. Change the functions, then run it again. -->

# Host functions

What a plugin may call, and what each call needs. Each call passes the gate; a refusal throws an error with the code
\`capability.denied\`, which ends the call with exit code 4 unless the plugin catches it.

- A **script** uses the global \`host\`, whose calls return promises (\`host.log\` apart). An action gets the same areas in
  its second argument, those that its manifest asks for: \`run: async (input, { http, log }) => …\`. Types for editors:
  \`/// <reference types="@bulkhead/sdk/globals" />\`. A function of the embedding program is \`host.<area>.<name>(input)\` or
  \`host.call('<area>.<name>', input)\`. In JavaScript, Lua and Rune side by side: [Guest API](guest-api.md).
- A **module** imports a function from \`bulkhead:host\` or \`extism:host/user\`, its dots written as underscores
  (\`http_request\`), as \`(i64) -> i64\` over memory blocks: JSON in, \`{"ok": …}\` or \`{"error": …}\` out. Bytes are base64 in
  JSON.

${sections.join('\n')}`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(functionReferencePath, functionReference())
}
