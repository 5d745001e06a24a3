// What a confined program may see and use, as plain data, and the check that makes a caller's word into it. It knows
// nothing of the tool that enforces it.

import { BulkheadError } from '@bulkhead/kernel'

/** Bounds on what the program uses. Each is a whole number of its unit. */
export interface ConfinementLimits {
  /**
   * Bytes of memory of the whole tree, where there are control groups. Where there are none, each process may map that
   * much and 768 MiB more, which runtimes map without touching it.
   */
  readonly memoryBytes: number
  /** Seconds of processor time since the start, for the whole tree where there are control groups, for each process else. */
  readonly cpuSeconds: number
  /** Processes and threads together, of the whole tree. Node takes about a dozen. */
  readonly processes: number
  /** Open descriptors of each process. */
  readonly openFiles: number
  /** Bytes of the largest file that a process may write. */
  readonly fileSizeBytes: number
}

/** A file that is made for one program out of bytes in memory. */
export interface ConfinedFile {
  /** Absolute path inside. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable?: boolean
}

/** A symbolic link inside. */
export interface ConfinedLink {
  readonly path: string
  readonly target: string
}

/** A program and all that it may see. What is not named here does not exist for it. */
export interface Confinement {
  /** The program by its absolute path as seen inside, then its arguments. */
  readonly argv: readonly string[]
  /** Absolute path of a folder that is visible inside. */
  readonly workingFolder: string
  /** Absolute, real paths of files and folders that may be read. They keep their paths inside. */
  readonly readable: readonly string[]
  /**
   * Absolute, real paths of files and folders that may be read and written. A folder that is readable or writable shows the
   * pipes that stand in it as well, and a read-only view does not stop writing to those: hide them. The same holds for
   * sockets where `localSockets` lets the program connect.
   */
  readonly writable: readonly string[]
  /**
   * Absolute, real paths below readable or writable folders that stay out of sight: a folder is empty, a file is not to be
   * opened. A path that is to be seen but not written below a writable folder stands in `readable`.
   */
  readonly hidden?: readonly string[]
  /** Files that exist for this program alone, with their bytes: no name on the host leads to them. Read-only. */
  readonly files?: readonly ConfinedFile[]
  /** Symbolic links of its own: absolute paths, in folders that nothing is bound over, and what they name. */
  readonly links?: readonly ConfinedLink[]
  /** Absolute, real paths of Unix sockets that may be connected to. */
  readonly sockets: readonly string[]
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * How much of the operating system is visible, read-only: nothing (a static binary), the libraries that a dynamic binary
   * loads, or the installed programs as well.
   */
  readonly system: 'none' | 'libraries' | 'programs'
  /**
   * `none`: Unix sockets only. `loopback`: internet sockets as well, in a network of its own that leads nowhere.
   * `host`: the network of the host, with nothing between.
   */
  readonly network: 'none' | 'loopback' | 'host'
  /**
   * Whether the program may make Unix sockets and connect them by path; when absent, only where `sockets` names some.
   * Without it there are connected pairs alone, which reach nobody else.
   */
  readonly localSockets?: boolean
  /** Bytes that fit into the private /tmp, and as many again into /dev/shm. */
  readonly tmpBytes: number
  readonly limits: ConfinementLimits
}

/** Folders that the sandbox makes itself; nothing of the host may be laid over them. */
const reserved = ['/proc', '/dev', '/sys']

/** Each takes a descriptor at the start. */
export const mostFiles = 128

const leastLimits: ConfinementLimits = {
  memoryBytes: 1 << 20,
  cpuSeconds: 1,
  processes: 2,
  openFiles: 16,
  fileSizeBytes: 0,
}

const refuse = (what: string, hint: string): never => {
  throw new BulkheadError('sandbox.invalid', `A confinement is not valid: ${what}.`, { hint })
}

const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)

const checkText = (what: string, text: string): void => {
  if (text.includes('\0')) refuse(`${what} ${quote(text)} contains a NUL`, 'Remove the NUL character.')
}

const checkPath = (what: string, path: string): void => {
  checkText(what, path)
  if (!path.startsWith('/')) refuse(`${what} ${quote(path)} is not absolute`, 'Give the path from the root.')
  const segments = path.slice(1).split('/')
  if (path !== '/' && segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    refuse(`${what} ${quote(path)} is not in its shortest form`, 'Resolve the path before granting it.')
  }
}

const checkBind = (what: string, path: string): void => {
  checkPath(what, path)
  if (path === '/') refuse(`${what} is the whole file system`, 'Name the folders that are needed.')
  const over = reserved.find((folder) => path === folder || path.startsWith(`${folder}/`))
  if (over !== undefined) refuse(`${what} ${quote(path)} is below ${over}`, 'The sandbox has a private one.')
  if (path === '/tmp') refuse(`${what} is /tmp`, 'The sandbox has a private one; name a folder below it.')
}

/**
 * Answers the confinement when it can be enforced as it stands.
 * @throws {BulkheadError} `sandbox.invalid`: a path that is relative, not in its shortest form or over a folder that the
 *   sandbox makes itself, a NUL anywhere, a name that no environment has, a limit that is no whole number or too small.
 */
export const checkConfinement = (confinement: Confinement): Confinement => {
  const { argv, workingFolder, readable, writable, sockets, environment, tmpBytes, limits } = confinement
  const { hidden = [], files = [], links = [] } = confinement
  const [program] = argv
  if (program === undefined)
    throw new BulkheadError('sandbox.invalid', 'A confinement is not valid: it names no program.')
  checkPath('the program', program)
  for (const argument of argv) checkText('the argument', argument)
  checkPath('the working folder', workingFolder)
  for (const path of readable) checkBind('the readable path', path)
  for (const path of writable) checkBind('the writable path', path)
  for (const path of sockets) checkBind('the socket', path)
  for (const path of hidden) checkBind('the hidden path', path)
  for (const { path } of files) checkBind('the file', path)
  for (const { path, target } of links) {
    checkBind('the link', path)
    checkPath('what a link names', target)
  }
  if (files.length > mostFiles) {
    refuse(`it has ${files.length} files of its own, and ${mostFiles} are possible`, 'Show a folder instead.')
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      refuse(`${quote(name)} is no name of an environment variable`, 'Use letters, digits and underscores.')
    }
    checkText(`the value of ${name}`, value)
  }
  if (!Number.isSafeInteger(tmpBytes) || tmpBytes < 4096) {
    refuse('tmpBytes is no whole number of at least 4096', 'Give /tmp at least one page.')
  }
  for (const [name, least] of Object.entries(leastLimits) as [keyof ConfinementLimits, number][]) {
    if (!Number.isSafeInteger(limits[name]) || limits[name] < least) {
      refuse(`limits.${name} is no whole number of at least ${least}`, 'Raise the limit.')
    }
  }
  return confinement
}
