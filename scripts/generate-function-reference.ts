// Writes docs/reference/host-functions.md from the declarations of the host functions:
//   node --conditions=@bulkhead/source scripts/generate-function-reference.ts
// A test compares the committed page with what this yields, so that a function cannot go undocumented. Nothing here
// runs a function: the ports are empty.

import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { AnyHostFunction } from '../packages/kernel/src/index.ts'
import { standardFunctions } from './guest-api/standard-functions.ts'
import { schemaSummary } from '../packages/surfaces/cli/src/output/schema-summary.ts'

/** Where the page stands. */
export const functionReferencePath = fileURLToPath(new URL('../docs/reference/host-functions.md', import.meta.url))

interface Area {
  /** What a call needs. */
  readonly needs: string
  /** The same from a script, as `packages/sdk/src/context.ts` types it. */
  readonly script: readonly string[]
}

const areas: Readonly<Record<string, Area>> = {
  http: {
    needs:
      '`network:<method> <url>`, once more for every redirect; `network.private:<address>` for names that resolve into a private network',
    script: [
      'host.http.request({ url, method?, headers?, body?, timeoutMs?, redirect? })',
      'host.http.get(url, options?)',
      'host.http.post(url, body?, options?)',
      'host.http.put(url, body?, options?)',
      'host.http.delete(url, options?)',
      '// each → { status, ok, url, redirected, headers, body, text(), json() }',
    ],
  },
  fs: {
    needs:
      '`filesystem.read:<path>` to read, list and stat, `filesystem.write:<path>` for the rest; a rename needs to read and to write what it moves, and to write the place where it goes',
    script: [
      'host.fs.readText(path)',
      'host.fs.readBytes(path)',
      'host.fs.writeText(path, text, { mode?, createParents? }?)',
      'host.fs.writeBytes(path, bytes, { mode?, createParents? }?)',
      'host.fs.list(path) // → [{ name, kind }]',
      'host.fs.stat(path) // → { kind, size, modifiedMs }',
      'host.fs.makeFolder(path, { parents? }?)',
      'host.fs.remove(path)',
      'host.fs.rename(from, to, { overwrite? }?)',
    ],
  },
  env: {
    needs: '`env:<name>`; without it the variable looks unset',
    script: ['host.env.get(name) // → text or undefined'],
  },
  kv: {
    needs: '`storage`, `storage.workspace` or `storage.global`, as `scope` says',
    script: [
      'host.kv.get(key, { scope? }?) // → the value or undefined',
      'host.kv.set(key, value, { ttlMs?, scope? }?)',
      'host.kv.delete(key, { scope? }?) // → whether it was there',
      'host.kv.list({ prefix?, limit?, cursor?, scope? }?) // → { keys, cursor? }',
    ],
  },
  log: {
    needs: 'nothing',
    script: ['host.log.info(...values) // and trace, debug, warn, error; console.log and so on do the same'],
  },
}

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
  const sections = Object.entries(areas).map(
    ([area, { needs, script }]) => `## ${area}

Needs ${needs}.

\`\`\`ts
${script.join('\n')}
\`\`\`

| function | what it does | input | output |
| --- | --- | --- | --- |
${(standardFunctions[area] ?? []).map(row).join('\n')}
`,
  )
  return `<!-- Written by scripts/generate-function-reference.ts. Change the functions, then run it again. -->

# Host functions

What a plugin may call, and what each call needs. Each call passes the gate; a refusal throws an error with the code
\`capability.denied\`, which ends the call with exit code 4 unless the plugin catches it.

- A **script** uses the global \`host\`, whose calls return promises (\`host.log\` apart). An action gets the same areas in
  its second argument, those that its manifest asks for: \`run: async (input, { http, log }) => …\`. Types for editors:
  \`/// <reference types="@bulkhead/sdk/globals" />\`. A function of the embedding program is \`host.<area>.<name>(input)\` or
  \`host.call('<area>.<name>', input)\`.
- A **module** imports a function from \`bulkhead:host\` or \`extism:host/user\`, its dots written as underscores
  (\`http_request\`), as \`(i64) -> i64\` over memory blocks: JSON in, \`{"ok": …}\` or \`{"error": …}\` out. Bytes are base64 in
  JSON.

${sections.join('\n')}`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(functionReferencePath, functionReference())
}
