// The command line's public face, by hand.

export { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts'
export type { CliInput, CliIo, CliOutput, Progress } from './io.ts'
export type { CliLibrary } from './library.ts'
export { run } from './main.ts'
