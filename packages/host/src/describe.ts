// Describes the host functions on offer from the one table.

import type { FunctionTable, Json } from '@bulkhead/kernel'
import { z } from 'zod'

/** Name, description and JSON Schemas of every host function, sorted by name. */
export const describeTable = (
  table: FunctionTable,
): readonly { readonly name: string; readonly description?: string; readonly input: Json; readonly output: Json }[] =>
  table.names.flatMap((name) => {
    const fn = table.get(name)
    if (fn === undefined) return []
    const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json =>
      z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
    return [
      {
        name,
        ...(fn.description === undefined ? {} : { description: fn.description }),
        input: schemaOf(fn.input as z.ZodType, 'input'),
        output: schemaOf(fn.output as z.ZodType, 'output'),
      },
    ]
  })
