// Runs one command line: parses it, gives the command what it needs, prints the outcome, and answers with the exit
// code. Ends no process and reads no global: see io-node.ts for the edge.

import type { WireError } from '@bulkhead/host'
import { BulkheadError } from '@bulkhead/host/terms'
import { type Command, CommanderError } from 'commander'
import { exitCodeOf } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import { makeNodeIo } from './io-node.ts'
import type { CliLibrary } from './library.ts'
import { hostLibrary } from './library-host.ts'
import { colorsFor } from './output/colors.ts'
import { printError, printJson, printReport } from './output/print.ts'
import { makeProgram } from './program.ts'
import type { Act } from './session.ts'
import { commandLineError } from './usage.ts'

/** Whether a command line that could not be parsed asked for JSON. */
const asksForJson = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json')
}

/** `help <command>` as it stands; of a command that is not there, the line that names it, which tells the nearest one. */
const withKnownTopic = (argv: readonly string[], program: Command): readonly string[] => {
  const [first, topic] = argv
  if (first !== 'help' || topic === undefined || topic.startsWith('-')) return argv
  const known = program.commands.some((command) => command.name() === topic || command.aliases().includes(topic))
  return known ? argv : argv.slice(1)
}

const toWire = (thrown: unknown): WireError => {
  if (thrown instanceof BulkheadError) return thrown.toJSON()
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return new BulkheadError('host.internal', message, { cause: thrown }).toJSON()
}

/**
 * Runs `bulkhead <argv>`.
 *
 * @param argv what follows the command's own name, for example `['run', './hello.ts', '--json']`
 * @returns the exit code: see exit-codes.ts; 128 and the signal's number when a signal ended the command
 */
export const run = async (
  argv: readonly string[],
  io: CliIo = makeNodeIo(),
  library: CliLibrary = hostLibrary,
): Promise<number> => {
  const abort = new AbortController()
  let signalNumber: number | undefined
  using stack = new DisposableStack()
  stack.use(
    io.onSignal((number) => {
      signalNumber = number
      abort.abort(new BulkheadError('call.cancelled', 'the command was interrupted'))
    }),
  )
  let exitCode: number = 0
  let said = ''
  const act: Act = async (json, body) => {
    try {
      const report = await body({
        io,
        library,
        signal: abort.signal,
        get home() {
          return library.resolveHome(io.env)
        },
        colors: { out: colorsFor(io.stdout.isTTY, io.env), err: colorsFor(io.stderr.isTTY, io.env) },
      })
      exitCode = report.error === undefined ? 0 : exitCodeOf(report.error)
      await printReport(io, report, json)
    } catch (thrown) {
      // Whatever an interrupted command stumbled over, the interrupt is why it ended.
      const error = toWire(abort.signal.aborted ? abort.signal.reason : thrown)
      exitCode = exitCodeOf(error)
      await printError(io, error, json)
    }
  }
  const program = makeProgram(act, {
    version: io.version,
    width: io.stdout.columns ?? 100,
    say: (text) => {
      said += text
    },
  })
  try {
    await program.parseAsync(withKnownTopic(argv, program), { from: 'user' })
  } catch (thrown) {
    const json = asksForJson(argv)
    if (thrown instanceof CommanderError && thrown.exitCode === 0) {
      // --help and --version.
      await (json ? printJson(io, { ok: true, text: said }) : io.stdout.write(said))
    } else {
      const error = toWire(thrown instanceof CommanderError ? commandLineError(thrown) : thrown)
      exitCode = exitCodeOf(error)
      if (!json && said !== '') await io.stderr.write(`${said.trimEnd()}\n\n`)
      await printError(io, error, json)
    }
  }
  return signalNumber === undefined ? exitCode : 128 + signalNumber
}
