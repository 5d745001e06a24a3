// docs/reference/manifest.md, made from the schemas, so that the page cannot differ from what is parsed.
// scripts/generate-manifest-reference.ts writes it, a test compares it.

import type { Json, JsonObject } from '../json.ts'
import { manifestJsonSchema } from './json-schema.ts'

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : [])
const member = (value: Json | undefined, key: string): Json | undefined => (isObject(value) ? value[key] : undefined)

/** The type of a field in a few words. */
const typeWords = (schema: Json | undefined): string => {
  const choices = listOf(member(schema, 'enum'))
  if (choices.length > 0) return choices.map((choice) => `\`${String(choice)}\``).join(', ')
  if (member(schema, 'const') !== undefined) return `\`${String(member(schema, 'const'))}\``
  const alternatives = listOf(member(schema, 'anyOf'))
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeWords))].join(' or ')
  const type = member(schema, 'type')
  if (type === 'array') return `list of ${typeWords(member(schema, 'items'))}`
  const [example] = listOf(member(schema, 'examples'))
  if (type === 'string') return example === undefined ? 'text' : `text such as \`${String(example)}\``
  if (type !== 'object')
    return type === 'boolean' ? 'true or false' : type === 'integer' ? 'whole number' : String(type)
  const names = Object.keys((member(schema, 'properties') as JsonObject | undefined) ?? {})
  return names.length === 0 ? 'table' : `table of ${names.map((name) => `\`${name}\``).join(', ')}`
}

const shallowType = (schema: Json | undefined): string => (hasOwnRows(schema) ? 'table, below' : typeWords(schema))

const hasOwnRows = (schema: Json | undefined): boolean =>
  isObject(member(schema, 'properties')) || isObject(member(member(schema, 'additionalProperties'), 'properties'))

/** One table of fields, then the tables of the fields that have fields themselves. */
const section = (path: string, schema: Json | undefined, level: number): string[] => {
  const inner = member(schema, 'additionalProperties')
  const properties = member(schema, 'properties')
  if (!isObject(properties)) return hasOwnRows(inner) ? section(`${path}.<name>`, inner, level) : []
  const required = listOf(member(schema, 'required'))
  const rows = Object.entries(properties).map(([name, field]) => {
    const about = [required.includes(name) ? '**Required.**' : '', String(member(field, 'description') ?? '')]
    return `| \`${name}\` | ${shallowType(field)} | ${about.filter((text) => text !== '').join(' ')} |`
  })
  const title = path === '' ? [] : [`${'#'.repeat(level)} \`${path}\``, '']
  const below = Object.entries(properties)
    .filter(([, field]) => hasOwnRows(field))
    .flatMap(([name, field]) => section(path === '' ? name : `${path}.${name}`, field, Math.min(level + 1, 4)))
  return [...title, '| field | value | meaning |', '| --- | --- | --- |', ...rows, '', ...below]
}

const introduction = `<!-- Written by scripts/generate-manifest-reference.ts. Change the schemas, then run it again. -->

# Manifest

A manifest says what a plugin is, how it runs and what it asks for. It is read from \`plugin.yaml\`, \`plugin.toml\` or
\`plugin.json\` (one of them in a folder), or from the first comment of a single-file script. At most 256 KiB and 64
levels; YAML anchors, aliases, tags, merge keys and several documents are refused, and so is a key that stands twice.
\`bulkhead validate\` tells all faults at once, each with its line, its field and the mend.
[\`manifest.schema.json\`](manifest.schema.json) is the same as JSON Schema, for editors.

\`\`\`yaml
name: weather
version: 1.0.0
type: tool
execution:
  entry: main.ts
permissions:
  network:
    - url: GET https://api.example.com/v1/*
      reason: reads the forecast
actions:
  forecast:
    input:
      type: object
      required: [city]
      properties:
        city: { type: string, maxLength: 100 }
    risk: read-only
\`\`\`

Durations are written \`500ms\`, \`30s\`, \`2m\`, \`1h\`; sizes \`64KiB\`, \`1MiB\` (powers of 1024) or \`10MB\` (powers of
1000). Paths of artifacts are relative to the manifest and stay inside its folder.

## Asking

Nothing is granted by asking. Every way to ask becomes a capability in the spelling that \`--grant\` takes:

| written | asks for |
| --- | --- |
| \`permissions.network: [api.example.com]\`, \`capabilities.http\`, \`execution.sandbox.network.allow\` | \`network:api.example.com\` |
| \`permissions.filesystem: { read: [./data] }\` | \`filesystem.read:./data\` |
| \`permissions.filesystem: { write: [./out] }\`, \`execution.sandbox.filesystem.write_allow\` | \`filesystem.write:./out\` |
| \`permissions.filesystem: [./notes]\` | both of these |
| \`permissions.env: [GEMINI_*]\` | \`env:GEMINI_*\` |
| \`permissions.storage: true\`; \`[workspace]\` | \`storage\`; \`storage.workspace\` |
| \`permissions.exec: [git]\`; \`capabilities.shell: true\` | \`exec:git\`; \`exec:*\` |
| \`permissions.notes: [read]\`; \`true\` | \`notes.read\`; \`notes.*\` |
| \`capabilities: [messages.send.*]\` | \`messages.send.*\` |

An ask that \`deny_capabilities\` takes back whole is a fault. Broad and dangerous asks are warnings.

## Single files

A script may carry its manifest at its top. \`name\`, \`version\` and \`type\` may be left out there, and the entry is the
script itself. A \`.js\`, \`.ts\` or \`.wasm\` file without one is a tool that asks for nothing.

\`\`\`ts
/* ---
permissions:
  network: [api.example.com]
--- */
\`\`\`

The same works as line comments (\`// ---\` above and below), and in Lua as \`--[[ ---\` to \`--- ]]\` or \`-- ---\`.

## JSON Schema of actions

Draft 2020-12 without \`$dynamicRef\` and \`unevaluated…\`, which are refused; \`format\` is an annotation. At most 64 KiB and
64 levels, references only within the schema, patterns without look-around and backreferences (they are matched in
linear time). Validation has a budget of steps.

## Fields
`

/** The reference page. */
export const makeManifestReference = (): string => {
  const [flat, nested] = listOf(manifestJsonSchema({ inline: true })['anyOf'])
  const plugin = member(member(nested, 'properties'), 'plugin')
  const lines = [
    introduction,
    ...section('', flat, 2),
    '## `plugin`',
    '',
    'A manifest may hold its identity in a table `[plugin]`, as many in TOML do. The other fields are the same.',
    '',
    ...section('', plugin, 2),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** `manifest.schema.json`. */
export const makeManifestSchemaFile = (): string => `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`
