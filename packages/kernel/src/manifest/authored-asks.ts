// What a manifest may ask for, as zod schemas: `permissions` by kind, `capabilities` as patterns, and the table form
// of `capabilities` that names kinds as well.

import { z } from 'zod'

const wish = {
  reason: z.string().max(500).optional().meta({ description: 'Why, for the person who decides.' }),
  optional: z.boolean().optional().meta({ description: 'The plugin works without it.' }),
}
const scope = z.string().min(1).max(2048)

/** One wish: its text alone, or a table of it with `reason` and `optional`. */
const wishes = <Key extends string>(key: Key, description: string) =>
  z
    .array(z.union([scope, z.strictObject({ [key]: scope, ...wish } as { [K in Key]: typeof scope } & typeof wish)]))
    .max(1000)
    .meta({ description })

/** All of it, or nothing. */
const whole = z.union([z.boolean(), z.strictObject({ ...wish })])

const network = wishes(
  'url',
  'Hosts or URL patterns, with a method in front if need be: `GET https://api.example.com/v1/*`, `*.example.com`, `api.example.com:443`.',
)
const paths = wishes('path', 'Paths; relative ones start at the workspace root.')
const filesystem = z
  .union([paths, z.strictObject({ read: paths.optional(), write: paths.optional() })])
  .meta({ description: 'Paths to read and to write, apart; a bare list asks for both.' })
const env = wishes('name', 'Names of environment variables; `*` at the end covers a family.')
const storage = z
  .union([whole, wishes('scope', '`plugin`, `workspace`, `global`.')])
  .meta({ description: "The key-value store: `true` for the plugin's own keys, or a list of scopes." })
const exec = wishes('command', 'Commands that the plugin may start.')
const verbs = (name: string) =>
  z
    .union([whole, wishes('verb', `Verbs: each asks for \`${name}.<verb>\`.`)])
    .meta({ description: `\`true\` asks for \`${name}.*\`; a list of verbs for those.` })

/** The table `permissions`. */
export const permissionsField = z
  .strictObject({
    network: network.optional(),
    filesystem: filesystem.optional(),
    env: env.optional(),
    storage: storage.optional(),
    exec: exec.optional(),
    notes: verbs('notes').optional(),
    graph: verbs('graph').optional(),
    events: verbs('events').optional(),
    messages: verbs('messages').optional(),
  })
  .meta({ description: 'What the plugin asks for, by kind. Nothing is granted by asking.' })

/** The list `capabilities`. */
export const capabilityListField = wishes('capability', 'Capability patterns: `sessions.read`, `messages.send.*`.')

/** The table form of `capabilities`. */
export const capabilityTableField = z.strictObject({
  storage: whole.optional(),
  http: network.optional(),
  env: env.optional(),
  shell: z.boolean().optional().meta({ description: '`true` asks for every command (`exec:*`).' }),
  filesystem: filesystem.optional(),
})

/** Either form. */
export const capabilitiesField = z.union([capabilityListField, capabilityTableField]).meta({
  description: 'Capability patterns as a list, or a table of `storage`, `http`, `env`, `shell` and `filesystem`.',
})

/** `deny_capabilities`. */
export const denyField = z
  .array(scope)
  .max(1000)
  .meta({ description: 'Patterns that the plugin renounces. Deny always wins.' })

export type AuthoredPermissions = z.output<typeof permissionsField>
export type AuthoredCapabilities = z.output<typeof capabilitiesField>
