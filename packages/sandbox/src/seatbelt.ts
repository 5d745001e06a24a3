// Makes a profile of Seatbelt, the sandbox of macOS, out of a confinement: text in the language that sandbox-exec(1) takes. Pure.
//
// It was never tried on that system, and nothing here starts a program with it: `startConfined` refuses on macOS. It stands here so
// that whoever has the hardware begins with a profile that denies by default and into which no name can write a rule.

import { BulkheadError } from '@bulkhead/kernel'
import { checkConfinement, type Confinement } from './confinement.ts'

/** Where the system keeps what a dynamic binary loads, and its installed programs. */
const libraries = [
  '/usr/lib',
  '/System/Library',
  '/Library/Apple/System/Library',
  '/private/var/db/dyld',
  '/usr/share/zoneinfo',
]
const programs = ['/usr/bin', '/usr/sbin', '/usr/libexec', '/usr/share', '/bin', '/sbin', '/opt/homebrew', '/usr/local']

/** Devices that every program may use. */
const devices = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom']

/**
 * A text as the profile language writes it: in double quotes, backslash and quote escaped. Control characters have no spelling there
 * that is documented, so a path with one is refused and not guessed at.
 */
const quote = (text: string): string => {
  // oxlint-disable-next-line no-control-regex -- Control characters are exactly what is refused.
  if (/[\0-\x1f\x7f]/.test(text)) {
    throw new BulkheadError(
      'sandbox.invalid',
      `A confinement is not valid: ${JSON.stringify(text)} holds a control character, which a profile cannot name.`,
      { hint: 'Rename the file or folder.' },
    )
  }
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

const subpaths = (paths: readonly string[]): string => paths.map((path) => `(subpath ${quote(path)})`).join(' ')
const literals = (paths: readonly string[]): string => paths.map((path) => `(literal ${quote(path)})`).join(' ')
const rule = (words: string, filters: string): string[] => (filters === '' ? [] : [`(${words} ${filters})`])

/** Folders on the way to a path: a program walks through them, and learns no more of them than that they are there. */
const waysTo = (paths: readonly string[]): readonly string[] => {
  const ways = new Set<string>()
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) ways.add(path.slice(0, end))
  }
  return ['/', ...[...ways].sort()]
}

/**
 * The profile. `temporary` is the folder that the program has for its own, which whoever starts it makes and removes: there are no
 * private views of a file system on macOS.
 *
 * Of two rules that match, the later one counts: what is hidden, and what may only be read below a folder that may be written, stands
 * at the end.
 * @throws BulkheadError `sandbox.invalid`: as {@link checkConfinement}; a path with a control character; files of the program's own,
 *   which Seatbelt cannot make
 */
export const makeSeatbeltProfile = (confinement: Confinement, temporary: string): string => {
  const { argv, readable, writable, hidden = [], sockets, system, network, files = [] } = checkConfinement(confinement)
  if (files.length > 0) {
    throw new BulkheadError('sandbox.invalid', 'A profile of Seatbelt shows files of the host, and makes none.')
  }
  const visible = [
    ...(system === 'none' ? [] : libraries),
    ...(system === 'programs' ? programs : []),
    ...readable,
    ...writable,
    temporary,
  ]
  const program = argv[0] as string
  const readOnlyBelow = readable.filter((path) => writable.some((folder) => path.startsWith(`${folder}/`)))
  return [
    '(version 1)',
    '(deny default)',
    '(deny process-info*)',
    '(allow process-info* (target self))',
    '(allow signal (target self))',
    '(allow process-fork)',
    '(allow sysctl-read (sysctl-name "hw.ncpu" "hw.memsize" "hw.pagesize" "kern.osrelease" "kern.ostype"))',
    ...rule('allow file-read-metadata', literals(waysTo([program, ...visible, ...sockets]))),
    ...rule('allow file-read* process-exec', subpaths([...visible, program])),
    ...rule('allow file-read* file-write-data', literals(devices)),
    ...rule('allow file-write*', subpaths([...writable, temporary])),
    // Set-id bits would lend our rights to whoever starts the file outside.
    '(deny file-write-setugid)',
    ...(network === 'host' ? ['(allow network*)'] : []),
    ...(network === 'loopback' ? ['(allow network* (local ip "localhost:*"))'] : []),
    ...sockets.map((path) => `(allow network-outbound (literal ${quote(path)}))`),
    ...rule('deny file-write*', subpaths(readOnlyBelow)),
    ...rule('deny file-read* file-write*', subpaths(hidden)),
    '',
  ].join('\n')
}
