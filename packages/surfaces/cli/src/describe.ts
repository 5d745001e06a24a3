// The shape that all commands share: a summary, aliases, `--json`, and examples under the help.

import type { Command } from 'commander'

/** What a command tells of itself. */
export interface Description {
  readonly summary: string
  /** Further sentences for the command's own help. */
  readonly more?: string
  readonly aliases?: readonly string[]
  /** Command line and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
}

/** Adds a described command to its parent. */
export const describeCommand = (parent: Command, syntax: string, description: Description): Command => {
  const command = parent
    .command(syntax)
    .summary(description.summary)
    .description(
      `${description.summary[0]?.toUpperCase()}${description.summary.slice(1)}.${description.more === undefined ? '' : `\n${description.more}`}`,
    )
    .aliases(description.aliases ?? [])
    .helpOption('-h, --help', 'print help')
    .option('--json', 'print one JSON document')
    .enablePositionalOptions()
  const lines = description.examples.map(([line, does]) => `  ${line}\n      ${does}`)
  const aliases = (description.aliases ?? []).join(', ')
  return command.addHelpText(
    'after',
    `${aliases === '' ? '' : `\nAlso called: ${aliases}\n`}\nExamples:\n${lines.join('\n')}\n`,
  )
}

/** Whether `--json` was given, to the command or to one of its parents. */
export const wantsJson = (command: Command): boolean => command.optsWithGlobals<{ json?: boolean }>().json === true
