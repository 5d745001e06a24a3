// The kinds of field that authors write, as zod schemas: names, versions, durations, sizes, paths. A rule that a
// pattern cannot say is a refinement with a `mend`, which tells the author what to write.

import valid from 'semver/functions/valid.js'
import validRange from 'semver/ranges/valid.js'
import { z } from 'zod'
import { parseDurationMs, parseSizeBytes } from '../limits.ts'

const custom = (message: string, mend: string) => ({ error: message, params: { mend } })

/** Lower-case letter or digit, then letters, digits, `-`, `_`; at most 64 characters. */
export const pluginNamePattern = /^[a-z0-9][A-Za-z0-9_-]{0,63}$/

/** A plugin's name. */
export const nameField = z
  .string()
  .regex(pluginNamePattern, 'is not a plugin name')
  .meta({ description: 'Name: a lower-case letter or digit, then letters, digits, - and _; at most 64 characters.' })

/** A name of an action: a word that can be called in every language. */
export const actionNamePattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

/** Semantic version 2.0.0, whole: `1.2.0`. */
export const versionField = z
  .string()
  .max(100)
  .refine(
    (text) => valid(text) === text.split('+')[0],
    custom('is not a semantic version', 'Write three numbers, as in 1.2.0.'),
  )

/** A range of semantic versions: `>=1.0.0 <2`, `^1.2`. */
export const rangeField = z
  .string()
  .max(200)
  .refine(
    (text) => validRange(text) !== null,
    custom('is not a range of versions', 'Write a range, as in ">=1.0.0 <2" or "^1.2".'),
  )

const reads = (parse: (text: string) => number) => (text: string) => {
  try {
    return parse(text) > 0
  } catch {
    return false
  }
}

/** `500ms`, `30s`, `2m`, `1h`. */
export const durationField = z
  .string()
  .refine(reads(parseDurationMs), custom('is not a duration', 'Write a number and ms, s, m or h, as in 30s.'))
  .meta({ examples: ['30s'] })

/** `512B`, `64KiB`, `1MiB`, `10MB`. */
export const sizeField = z
  .string()
  .refine(
    reads(parseSizeBytes),
    custom('is not a size', 'Write a number and B, KiB, MiB, GiB, KB, MB or GB, as in 64MiB.'),
  )
  .meta({ examples: ['64MiB'] })

/** A whole number above zero. */
export const countField = z.int().min(1)

/** Text for people; one paragraph. */
export const textField = z.string().max(4000)

/** Whether the text names a file inside the plugin's folder. */
export const isInnerPath = (text: string): boolean =>
  text !== '' && !/^[/\\~]|^[A-Za-z]:|[\\\0]/.test(text) && !text.split('/').includes('..')

/** A path inside the plugin's folder, `dist/plugin.wasm`. */
export const innerPathField = z
  .string()
  .max(1000)
  .refine(
    isInnerPath,
    custom('does not stay inside the plugin folder', 'Write a path relative to the manifest, with / and without "..".'),
  )

/** A JSON Schema as the author wrote it; checked by the schema checker, not by zod. */
export const schemaField = z.union([z.boolean(), z.record(z.string(), z.unknown())])
