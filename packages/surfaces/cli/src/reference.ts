// The reference page of the command line, from the commands' own help: it cannot say anything else than they do.
// scripts/generate-cli-reference.ts writes it, a test compares it.

import type { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { makeProgram } from './program.ts'

const helpOf = (command: Command, said: string[]): string => {
  said.length = 0
  command.outputHelp()
  return said.join('').trimEnd()
}

const sectionsOf = (command: Command, said: string[], path: string, level: number): string[] => [
  `${'#'.repeat(level)} \`${path}\``,
  '',
  '```text',
  helpOf(command, said),
  '```',
  '',
  ...command.commands
    .filter((child) => child.name() !== 'help')
    .flatMap((child) => sectionsOf(child, said, `${path} ${child.name()}`, level === 1 ? 2 : level + 1)),
]

const meanings: readonly string[] = [
  'done',
  'the plugin failed',
  'wrong usage or input',
  'invalid plugin or manifest',
  'denied',
  'a limit was hit',
  'something needed is missing here',
]

const exitCodeTable = (): string[] => [
  '## Exit codes',
  '',
  'A command that a signal ended exits with 128 and the signal’s number (130 after Ctrl-C). What a plugin got wrong in a host call of',
  'its own (`input.invalid` and its like) is the plugin’s failure: 1.',
  '',
  '| exit code | meaning | errors |',
  '| --- | --- | --- |',
  ...meanings.map((meaning, code) => {
    const errors = Object.entries(exitCodes).filter(([, exitCode]) => exitCode === code)
    return `| ${code} | ${meaning} | ${errors.map(([error]) => `\`${error}\``).join(', ')} |`
  }),
  '',
]

/** The page, as Markdown. */
export const makeCliReference = (): string => {
  const said: string[] = []
  const program = makeProgram(async () => {}, { version: '', width: 96, say: (text) => void said.push(text) })
  const [head = '', ...rest] = sectionsOf(program, said, 'bulkhead', 1)
  return [
    '<!-- Written by scripts/generate-cli-reference.ts. Change the commands, then run it again. -->',
    '',
    head,
    '',
    'Results go to stdout, logs and progress to stderr. With `--json` every command prints exactly one JSON document on',
    'stdout: `{"ok":true,…}`, or `{"ok":false,"error":{"code","message","hint"}}`. Colour appears on terminals only',
    '(`NO_COLOR` and `FORCE_COLOR` are honoured), and text that came from a plugin is escaped before it reaches one.',
    ...rest,
    ...exitCodeTable(),
  ].join('\n')
}
