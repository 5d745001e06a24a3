// The JSON Schema of the authored manifest, for editors. It says what the schemas can say; versions, ranges, durations
// and capability patterns are checked further when a manifest is parsed.

import { z } from 'zod'
import type { JsonObject } from '../json.ts'
import { flatManifest, nestedManifest } from './authored.ts'

/**
 * Both shapes of a manifest as JSON Schema, draft 2020-12. `inline` repeats shared parts where they are used.
 */
export const manifestJsonSchema = (options: { readonly inline?: boolean } = {}): JsonObject =>
  z.toJSONSchema(z.union([flatManifest, nestedManifest]).meta({ title: 'Bulkhead plugin manifest' }), {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    reused: options.inline === true ? 'inline' : 'ref',
  }) as unknown as JsonObject
