// What a host function's declaration tells when it is asked with a sample: the capabilities that a call needs, and its
// risk. Nothing is run but the pure `needs` and `risk`.

import { isBytes, type Method, type Schema, schemaOf } from './method-model.ts'

/** Samples that a schema does not let one guess, by the name of the field. */
const samples: Readonly<Record<string, unknown>> = {
  url: 'https://api.example.com/',
  path: 'a.md',
  from: 'a.md',
  to: 'b.md',
  text: 'text',
}

const sampleOf = (schema: Schema, name = ''): unknown => {
  if (isBytes(schema)) return new Uint8Array()
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.const !== undefined) return schema.const
  const choice = (schema.anyOf ?? schema.oneOf)?.[0]
  if (choice !== undefined) return sampleOf(choice, name)
  switch ([schema.type ?? []].flat()[0]) {
    case 'string':
      return samples[name] ?? 'sample'
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return true
    case 'array':
      return schema.prefixItems === undefined
        ? Array.from({ length: schema.minItems ?? 0 }, () =>
            sampleOf(schema.items === false ? {} : (schema.items ?? {})),
          )
        : schema.prefixItems.map((part) => sampleOf(part))
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((field) => [field, sampleOf(schema.properties?.[field] ?? {}, field)]),
      )
    default:
      return null
  }
}

/** Names of the capabilities that a plain call needs, and its risk. @throws ZodError when no sample can be made */
export const factsOf = ({ row, fn, positional }: Method): { needs: readonly string[]; risk: string } => {
  const schema = schemaOf(fn.input, 'input')
  const sample = {
    ...(sampleOf(schema) as Readonly<Record<string, unknown>>),
    ...Object.fromEntries(
      positional.filter(({ isRequired }) => isRequired).map(({ name, schema: field }) => [name, sampleOf(field, name)]),
    ),
    ...row.fixed,
  }
  const input: unknown = fn.input.parse(sample)
  const { risk: told = 'write' } = fn
  const isOpen = typeof told === 'function' && row.fixed === undefined
  const risk = isOpen ? 'as the input has it' : typeof told === 'function' ? told(input) : told
  return { needs: [...new Set(fn.needs(input).map(({ name }) => name))], risk }
}
