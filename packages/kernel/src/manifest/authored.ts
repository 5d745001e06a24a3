// The manifest as authors write it, as zod schemas; types, JSON Schema and the reference page derive from them. Nothing
// is renamed or filled in here: that is normalise.ts. No schema transforms, so that input and output are one type.

import { z } from 'zod'
import { riskLevels } from '../function/risk.ts'
import { defaultLimitText, type LimitName, limitNames, limitSpecs } from '../limit-specs.ts'
import { capabilitiesField, denyField, permissionsField } from './authored-asks.ts'
import {
  actionNamePattern,
  countField,
  durationField,
  innerPathField,
  nameField,
  pluginNamePattern,
  rangeField,
  schemaField,
  sizeField,
  textField,
  versionField,
} from './authored-fields.ts'
import { boundaries, isolations, languages, pluginTypes, protocols, tiers } from './manifest.ts'

const limitFields = { duration: durationField, size: sizeField, count: countField, rate: z.number().positive() }

const limitField = (name: LimitName): z.ZodOptional<z.ZodString | z.ZodNumber> =>
  limitFields[limitSpecs[name].unit]
    .optional()
    .meta({ description: `${limitSpecs[name].about}; ${defaultLimitText(name)} by default.` })

const limitsField = z
  .strictObject(
    Object.fromEntries(limitNames.map((name) => [name, limitField(name)])) as Record<
      LimitName,
      ReturnType<typeof limitField>
    >,
  )
  .meta({ description: 'Limits that the plugin sets itself, below the operator’s. Policy may tighten them.' })

const patterns = z.array(z.string().min(1).max(2048)).max(1000)

const sandboxField = z
  .strictObject({
    filesystem: z
      .strictObject({
        write_allow: patterns.optional().meta({ description: 'Paths that may be written; each is asked for as well.' }),
        read_deny: patterns.optional().meta({ description: 'Paths that are never read; each is renounced as well.' }),
      })
      .optional(),
    network: z
      .strictObject({
        allow: patterns.optional().meta({ description: 'Hosts that may be reached; each is asked for as well.' }),
        proxy: z
          .boolean()
          .optional()
          .meta({ description: 'Has no effect: what a program reaches, it reaches through its proxy.' }),
      })
      .optional(),
  })
  .meta({ description: 'Rules of the OS sandbox (process tier).' })

/** The table `execution`. */
export const executionField = z.strictObject({
  tier: z.enum(tiers).optional().meta({
    description:
      'Kind of artifact; inferred from the entry when absent. This version runs script, wasm and (on Linux) process.',
  }),
  language: z.enum(languages).optional().meta({
    description: 'Language of a script; inferred from the entry. This version runs javascript and typescript.',
  }),
  entry: innerPathField.optional().meta({ description: 'Path of the artifact, relative to the manifest.' }),
  modules: z
    .union([
      z.array(z.strictObject({ name: z.string().min(1).max(200), path: innerPathField })).max(64),
      z.record(z.string(), innerPathField),
    ])
    .optional()
    .meta({ description: 'Further wasm modules to link: a list of name and path, or a table name → path.' }),
  protocol: z.enum(protocols).optional().meta({
    description:
      'Protocol of a process or container. A process in JavaScript or TypeScript that names none is a plugin of the SDK, as a script is.',
  }),
  boundary: z.enum(boundaries).optional().meta({ description: 'Where the cell runs. Policy may tighten it.' }),
  isolation: z.enum(isolations).optional().meta({ description: 'Fresh state for each call (default), or kept.' }),
  limits: limitsField.optional(),
  sandbox: sandboxField.optional(),
})

/** One action. */
export const actionField = z.strictObject({
  description: textField.optional().meta({ description: 'What it does, for people and for models.' }),
  input: schemaField.optional().meta({ description: 'JSON Schema of the input; absent: anything.' }),
  output: schemaField.optional().meta({ description: 'JSON Schema of the output.' }),
  risk: z.enum(riskLevels).optional().meta({ description: 'How much harm it can do.' }),
  timeout: durationField.optional().meta({ description: 'Wall-clock time of one call of this action.' }),
})

const about = {
  description: textField.optional().meta({ description: 'One sentence for people.' }),
  author: textField.optional().meta({ description: 'Name, or name and address.' }),
  license: textField.optional().meta({ description: 'SPDX expression.' }),
  homepage: textField.optional().meta({ description: 'Address for people.' }),
  keywords: z.array(z.string().max(100)).max(100).optional().meta({ description: 'Words to be found by.' }),
}

const identity = {
  name: nameField,
  version: versionField.meta({ description: 'Semantic version 2.0.0.' }),
  type: z.enum(pluginTypes).meta({ description: 'What the plugin is for.' }),
  ...about,
}

const body = {
  $schema: z.string().optional().meta({ description: 'For editors; has no effect.' }),
  manifest: z.literal(1).optional().meta({ description: 'Version of this format.' }),
  engine: rangeField.optional().meta({ description: 'Range of Bulkhead versions.' }),
  execution: executionField.optional().meta({ description: 'How the plugin runs.' }),
  permissions: permissionsField.optional(),
  capabilities: capabilitiesField.optional(),
  deny_capabilities: denyField.optional(),
  actions: z
    .record(z.string().regex(actionNamePattern, 'is not an action name'), actionField)
    .optional()
    .meta({ description: 'Callables of the plugin by name.' }),
  dependencies: z
    .record(z.string().regex(pluginNamePattern, 'is not a plugin name'), rangeField)
    .optional()
    .meta({ description: 'Other plugins by name, each with a range of versions.' }),
  activation: z
    .strictObject({
      events: z.array(z.string().min(1).max(200)).max(1000).optional().meta({ description: 'Names of events.' }),
    })
    .optional()
    .meta({ description: 'When a resident plugin is started.' }),
  lifecycle: z
    .strictObject({
      hot_reload: z.boolean().optional().meta({ description: 'May be replaced while running, by hosts that watch.' }),
      graceful_shutdown_timeout: durationField
        .optional()
        .meta({ description: 'Time for calls in flight when the plugin stops; 30s by default.' }),
    })
    .optional()
    .meta({ description: 'How it is replaced and stopped.' }),
  config: z.record(z.string(), z.unknown()).optional().meta({ description: 'JSON Schema of the configuration.' }),
}

/** The common shape: everything at the top. */
export const flatManifest = z.strictObject({ ...identity, ...body }).meta({ title: 'Plugin manifest' })

/** `min_bulkhead_version`; other hosts' names are read and not obeyed. */
export const minimumVersionKey = /^min_([a-z0-9]+)_version$/

/** The nested shape: identity in `[plugin]`, as TOML manifests often have it. */
export const nestedManifest = z
  .strictObject({
    plugin: z.strictObject({
      ...identity,
      wasm: innerPathField.optional().meta({ description: 'The module; `plugin.wasm` by default.' }),
      min_bulkhead_version: versionField.optional().meta({ description: 'Least version of Bulkhead.' }),
    }),
    ...body,
  })
  .meta({ title: 'Plugin manifest with a [plugin] table' })

export type FlatManifest = z.output<typeof flatManifest>
export type NestedManifest = z.output<typeof nestedManifest>
export type AuthoredExecution = z.output<typeof executionField>
export type AuthoredAction = z.output<typeof actionField>
