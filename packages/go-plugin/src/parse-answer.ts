// Parses a decoded message into the shape that the rest of the package relies on. protobuf says which fields there are; what
// may stand in them is said by a schema.

import { BulkheadError, escapeLine } from '@bulkhead/kernel'
import type { z } from 'zod'
import type { Method } from './definitions.ts'

/** Parses, or refuses what the plugin answered. @throws BulkheadError `protocol.violation` */
export const parseAnswer = <T extends z.ZodType>(schema: T, message: object, method: Method): z.infer<T> => {
  const parsed = schema.safeParse(message)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = escapeLine(issue?.path.map(String).join('.') ?? '', 100)
  throw new BulkheadError(
    'protocol.violation',
    `the plugin's answer to ${method.path} is out of shape at ${where || 'its top'}: ${escapeLine(issue?.message ?? '', 300)}`,
  )
}
