// env.get: one environment variable. A variable that is not granted looks like one that is not set, so that asking
// teaches nothing; the gate records the refusal all the same. It never reads process.env itself.

import { type AnyHostFunction, BulkheadError, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'

/** What the service needs. */
export interface EnvPorts {
  /** The variables that exist; grants choose among them. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Bulkhead's own settings and secrets are no plugin's business, whatever is granted. */
const isReserved = (name: string): boolean => /^bulkhead(?:_|$)/i.test(name)

const unset: ReadonlySet<string> = new Set(['capability.denied', 'capability.invalid'])

/** The env host functions. */
export const makeEnvFunctions = (ports: EnvPorts): AnyHostFunction[] => [
  defineHostFunction({
    name: 'env.get',
    description: 'Reads an environment variable; null when it is not set or not granted.',
    input: z.strictObject({
      name: z
        .string()
        .min(1)
        .max(256)
        // oxlint-disable-next-line no-control-regex -- NUL is exactly what must not be in a name.
        .regex(/^[^\0=]+$/, 'a name holds neither "=" nor NUL'),
    }),
    output: z.object({ value: z.string().nullable() }),
    // Asked in `run`: a refusal here would tell the plugin that the permission is missing.
    needs: () => [],
    risk: 'read-only',
    run: async (permit, context) => {
      const { name } = permit.input
      if (isReserved(name)) return { value: null }
      try {
        await context.check([{ name: 'env', scope: name }])
      } catch (thrown) {
        // A name that no grant could spell is refused as `capability.invalid`; that looks unset as well.
        if (thrown instanceof BulkheadError && unset.has(thrown.code)) return { value: null }
        throw thrown
      }
      return { value: Object.hasOwn(ports.env, name) ? (ports.env[name] ?? null) : null }
    },
  }),
]
