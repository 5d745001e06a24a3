// Finds what one of our own schemas, and a value, have at a path: for messages that name a field. Checks nothing.

import { z } from 'zod'
import type { FieldPath } from './field-path.ts'

/** The value at the place; undefined where there is none. */
export const valueAt = (value: unknown, path: FieldPath): unknown =>
  path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  )

/** The schemas that describe the place: more than one where it is a union. */
export const schemasAt = (schema: z.ZodType, path: FieldPath): z.ZodType[] => {
  let here: z.ZodType[] = [schema]
  for (const part of [...path, undefined]) {
    here = here.flatMap(unwrap)
    if (part === undefined) break
    here = here.flatMap((one): z.ZodType[] => {
      if (one instanceof z.ZodObject) {
        const shape = one.shape as Record<string, z.ZodType>
        const inner = Object.hasOwn(shape, part) ? shape[String(part)] : undefined
        return inner === undefined ? [] : [inner]
      }
      if (one instanceof z.ZodRecord) return [one.valueType as z.ZodType]
      return one instanceof z.ZodArray ? [one.element as z.ZodType] : []
    })
  }
  return here
}

const unwrap = (schema: z.ZodType): z.ZodType[] => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrap(schema.unwrap() as z.ZodType)
  return schema instanceof z.ZodUnion ? schema.options.flatMap((option) => unwrap(option as z.ZodType)) : [schema]
}

/** Names of the fields that the object at the place may have. */
export const knownFields = (schema: z.ZodType, path: FieldPath): string[] =>
  schemasAt(schema, path).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))
