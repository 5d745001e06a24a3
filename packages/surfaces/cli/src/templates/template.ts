// What a template of `bulkhead new` is: one small plugin, written in each language. Data only.

/** Languages that templates are written in. */
export const templateLanguages = ['lua', 'rune', 'javascript', 'typescript'] as const
/** See {@link templateLanguages}. */
export type TemplateLanguage = (typeof templateLanguages)[number]

/** What a template shows, by the name that `--template` takes. */
export const templateNames = ['tool', 'state', 'state-machine', 'workflow'] as const
/** See {@link templateNames}. */
export type TemplateName = (typeof templateNames)[number]

/** A call of the new plugin, and what comes of it. */
export interface TemplateExample {
  readonly action: string
  readonly input: unknown
  readonly output: unknown
}

/** A template. */
export interface Template {
  /** Of the plugin: goes into its manifest. */
  readonly description: string
  /** Lines of YAML: what the plugin asks for; none when it computes only. */
  readonly permissions: readonly string[]
  /** The same as grants for `--grant`. */
  readonly grants: readonly string[]
  /** In this order, in a fresh state. */
  readonly examples: readonly TemplateExample[]
  readonly sources: Readonly<Record<TemplateLanguage, string>>
}

/** Ending of a language's files. */
export const fileEnding: Readonly<Record<TemplateLanguage, string>> = {
  lua: 'lua',
  rune: 'rn',
  javascript: 'js',
  typescript: 'ts',
}
