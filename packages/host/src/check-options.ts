// The embedding program's options, checked before anything is opened: a misspelt option must not be ignored.

import { BulkheadError, nearestNames } from '@bulkhead/kernel'
import { z } from 'zod'
import type { HostOptions } from './api.ts'
import { supervisionField } from './policy.ts'

const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'must be a function')

/** Not a zod record, which takes plain objects only: `process.env` is none. */
const texts = z.custom<Readonly<Record<string, string | undefined>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => text === undefined || typeof text === 'string'),
  'must hold texts by name',
)

const OptionsSchema = z.strictObject({
  plugins: z.array(z.string()).optional(),
  home: z.string().min(1).optional(),
  discover: z.boolean().optional(),
  workspaceRoot: z.string().min(1).optional(),
  policy: z.unknown().optional(),
  approve: callable.optional(),
  functions: z.array(z.looseObject({ name: z.string(), needs: callable, run: callable })).optional(),
  config: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  secrets: texts.optional(),
  env: texts.optional(),
  stateStore: z.looseObject({ setMany: callable, spaces: callable, dailyLedger: callable }).optional(),
  log: z.looseObject({ write: callable }).optional(),
  notes: z
    .strictObject({
      folder: z.string().min(1).optional(),
      embedder: z
        .looseObject({
          id: z.string().min(1).max(200),
          dimensions: z.number().int().min(1).max(1024),
          embed: callable,
        })
        .optional(),
    })
    .optional(),
  cache: z.strictObject({ maxPlugins: z.number().optional(), ttlMs: z.number().optional() }).optional(),
  threads: z.number().int().positive().optional(),
  spareJails: z.number().int().min(0).max(64).optional(),
  supervision: supervisionField.optional(),
  watch: z.boolean().optional(),
}) satisfies { readonly shape: Record<keyof HostOptions, unknown> }

/** Returns the options as they came. @throws BulkheadError `config.invalid`, naming the option and what it should be */
export const checkOptions = (options: HostOptions): HostOptions => {
  const parsed = OptionsSchema.safeParse(options)
  if (parsed.success) return options
  const [issue] = parsed.error.issues
  const unknown = issue?.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys[0] : undefined
  if (unknown !== undefined) {
    const near = nearestNames(unknown, Object.keys(OptionsSchema.shape))
    throw new BulkheadError('config.invalid', `openHost has no option "${unknown}"`, {
      hint:
        near.length > 0
          ? `Did you mean ${near.join(' or ')}?`
          : `Its options: ${Object.keys(OptionsSchema.shape).join(', ')}.`,
    })
  }
  throw new BulkheadError(
    'config.invalid',
    `openHost: ${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`,
  )
}
