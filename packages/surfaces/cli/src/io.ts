// What the command line needs from the process, as an argument: so that a test is a value and nothing here reaches for
// globals. io-node.ts makes the real one.

/** A stream that results or notes go to. */
export interface CliOutput {
  readonly isTTY: boolean
  /** Width of the terminal in columns; absent when it is none. */
  readonly columns?: number
  /** True once the reader has gone (EPIPE): writing on is pointless and quiet. */
  readonly closed: boolean
  /** Resolves when the data is handed on. Never rejects for a reader that has gone. */
  write(data: string | Uint8Array): Promise<void>
}

/** Where input comes from. */
export interface CliInput extends AsyncIterable<Uint8Array> {
  readonly isTTY: boolean
}

/** A sign of life on stderr for work over a second; see `startProgress`. */
export interface Progress extends Disposable {
  /** Writes lines above the sign of life. */
  write(text: string): void
  /** Hides it, for a question. */
  pause(): void
  resume(): void
}

/** Everything a command may use of the process. */
export interface CliIo {
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  readonly stdin: CliInput
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Shown by `--version`. */
  readonly version: string
  /** Puts a question on stderr and reads one line of stdin; undefined at the end of the input. @throws when aborted */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>
  /** Shows `text` on a terminal once a second has passed, until disposed. Shows nothing elsewhere. */
  startProgress(text: string): Progress
  /** Calls back with the signal's number (2 SIGINT, 15 SIGTERM) the first time that it arrives; the next one kills. */
  onSignal(listener: (number: number) => void): Disposable
  /** Whether a regular file is there. Opens nothing: a pipe without a writer would hold the command for ever. */
  isFile(path: string): Promise<boolean>
  /** Opens a file that the user named, for reading. `size` is absent for pipes and devices. @throws Node's error */
  openFile(
    path: string,
  ): Promise<AsyncDisposable & { readonly size?: number; readonly bytes: AsyncIterable<Uint8Array> }>
  /** Makes a folder in one that is there. @throws Node's error: `EEXIST` when anything has its name */
  makeFolder(path: string): Promise<void>
  /** Writes a file that was not there. @throws Node's error: `EEXIST` when anything has its name */
  createFile(path: string, text: string): Promise<void>
}
