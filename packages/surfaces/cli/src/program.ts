// The commands, their options and their help, as the parser sees them: each stands in commands/. What it does stands in acts/, and
// is loaded when it runs.

import { type Argument, Command } from 'commander'
import { addAudit } from './commands/audit.ts'
import { addDoctor } from './commands/doctor.ts'
import { addList } from './commands/list.ts'
import { addNew } from './commands/new.ts'
import { addRun } from './commands/run.ts'
import { addShow } from './commands/show.ts'
import { addState } from './commands/state.ts'
import { addTrust } from './commands/trust.ts'
import { addValidate } from './commands/validate.ts'
import type { Act } from './session.ts'

/** Options of {@link makeProgram}. */
export interface ProgramOptions {
  readonly version: string
  /** Columns that help text may take. */
  readonly width: number
  /** Takes help and version texts. */
  readonly say: (text: string) => void
}

const exitCodesHelp = `
Exit codes:
  0  done
  1  the plugin failed
  2  wrong usage or input
  3  invalid plugin or manifest
  4  denied
  5  a limit was hit
  6  something needed is missing here

State lives in BULKHEAD_HOME (default: the XDG data directory). NO_COLOR and FORCE_COLOR are honoured.
`

/** All names of a command, and its arguments. */
const commandTerm = (command: Command): string =>
  [
    [command.name(), ...command.aliases()].join(', '),
    ...command.registeredArguments.map((argument) => argumentTerm(argument)),
  ].join(' ')

const argumentTerm = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

/** `bulkhead audit verify [options]`: aliases stand in the text below. */
const usageOf = (command: Command): string => {
  const path = [command.name()]
  for (let parent = command.parent; parent !== null; parent = parent.parent) path.unshift(parent.name())
  return [...path, command.usage()].join(' ')
}

/** Makes the parser. It throws CommanderError instead of ending the process, and prints through `say` only. */
export const makeProgram = (act: Act, options: ProgramOptions): Command => {
  const program = new Command('bulkhead')
    .description("Runs other people's code, each plugin in a compartment of its own, behind one gate.")
    .usage('<command> [options]')
    .option('--json', 'print one JSON document')
    .version(options.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureHelp({ subcommandTerm: commandTerm, commandUsage: usageOf })
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: options.say,
      writeErr: options.say,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(options.width, 100),
      getErrHelpWidth: () => Math.min(options.width, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
  program.commandsGroup('Plugins:')
  for (const add of [addRun, addList, addShow, addState]) add(program, act)
  program.commandsGroup('For plugin authors:')
  for (const add of [addNew, addValidate]) add(program, act)
  program.commandsGroup('The gate:')
  for (const add of [addTrust, addAudit, addDoctor]) add(program, act)
  return program.addHelpText('after', exitCodesHelp)
}
