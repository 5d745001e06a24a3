// Makes the files of a new plugin out of a template: one script with its manifest on top, or a folder.

import { fileEnding, type Template, type TemplateExample, type TemplateLanguage } from './template.ts'

/** What is made. */
export interface NewPlugin {
  readonly name: string
  readonly language: TemplateLanguage
  readonly template: Template
}

/** A file by its path, with forward slashes, relative to where the plugin is put. */
export type NewFiles = readonly (readonly [path: string, text: string])[]

const manifestLines = ({ name, template }: NewPlugin): string[] => [
  `name: ${name}`,
  'version: 0.1.0',
  'type: tool',
  `description: ${template.description}`,
  ...(template.permissions.length === 0 ? [] : ['permissions:', ...template.permissions.map((line) => `  ${line}`)]),
]

/** The plugin as one script: its path, and the file. */
export const loneFile = (plugin: NewPlugin): { readonly path: string; readonly files: NewFiles } => {
  const { name, language, template } = plugin
  const comment = language === 'lua' ? '--' : '//'
  const head = ['---', ...manifestLines(plugin), '---'].map((line) => `${comment} ${line}\n`).join('')
  const path = `${name}.${fileEnding[language]}`
  return { path, files: [[path, `${head}\n${template.sources[language]}`]] }
}

/** The plugin as a folder: its path, and the files in it. */
export const folder = (plugin: NewPlugin): { readonly path: string; readonly files: NewFiles } => {
  const { name, language, template } = plugin
  const entry = `main.${fileEnding[language]}`
  const manifest = [
    'manifest: 1',
    ...manifestLines(plugin),
    'execution:',
    '  tier: script',
    `  language: ${language}`,
    `  entry: ${entry}`,
  ]
  return {
    path: name,
    files: [
      [`${name}/plugin.yaml`, `${manifest.join('\n')}\n`],
      [`${name}/${entry}`, template.sources[language]],
      [`${name}/README.md`, readme(plugin, entry)],
    ],
  }
}

/** The command line of an example; `path` is the plugin's. */
export const exampleCommand = (
  path: string,
  { action, input }: TemplateExample,
  { grants }: Pick<Template, 'grants'>,
): string => {
  const asked = grants.map((grant) => ` --grant ${grant}`).join('')
  return `bulkhead run ./${path} ${action} --input '${JSON.stringify(input)}'${asked}`
}

const readme = ({ name, template }: NewPlugin, entry: string): string => `# ${name}

${template.description}

The code is in \`${entry}\`: the types in it and the comments above its functions become the schemas of its actions. The manifest,
\`plugin.yaml\`, says what it asks for${template.permissions.length === 0 ? ': nothing, it can compute and log' : ''}.

Check it, without running it:

\`\`\`sh
bulkhead validate ./${name}
\`\`\`

Try it:

${template.examples
  .map(
    (example) =>
      `\`\`\`sh\n${exampleCommand(name, example, template)}\n\`\`\`\n\n\`\`\`json\n${JSON.stringify(example.output)}\n\`\`\`\n`,
  )
  .join('\n')}`
