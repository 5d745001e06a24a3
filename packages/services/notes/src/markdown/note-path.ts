// Names of notes: how a path is written, and what makes two names the same. Arithmetic on texts; nothing is looked up.

/** Longest path of a note, in characters. */
export const maxPathLength = 1000
/** Deepest folder in a vault that is looked into. */
export const maxFolderDepth = 32

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused.
const refused = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\*]/

/** Why the path of a note or a folder is none; undefined when it is one. Hidden names are none: they belong to programs. */
export const pathFault = (path: string): string | undefined => {
  if (path.length > maxPathLength) return `is longer than ${maxPathLength} characters`
  if (!path.isWellFormed()) return 'is not well-formed Unicode'
  if (refused.test(path)) return 'has a control character, a backslash or a star in it'
  if (path.startsWith('/') || path.startsWith('~')) return 'is not relative to the vault'
  const segments = path.split('/')
  if (segments.length > maxFolderDepth) return `is more than ${maxFolderDepth} folders deep`
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..') return 'has an empty segment or a dot segment'
    if (segment.startsWith('.')) return 'has a hidden name in it'
    if (segment.trim() !== segment) return 'has space at an end of a name'
    if (new TextEncoder().encode(segment).length > 255) return 'has a name of more than 255 bytes'
  }
  return undefined
}

const noteEnding = /\.md$/i

/** Whether a file of that name is a note. */
export const isNoteName = (name: string): boolean => noteEnding.test(name)

/** The path with the ending of notes. */
export const withEnding = (path: string): string => (noteEnding.test(path) ? path : `${path}.md`)

/** The path without it. */
export const withoutEnding = (path: string): string => path.replace(noteEnding, '')

/** Last segment of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The folder that holds the note; empty for the vault itself. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** The same text for all spellings that mean one note: case and composition do not tell notes apart in links. */
export const foldName = (text: string): string => text.normalize('NFC').toLowerCase()

/** Resolves `./` and `../` from a folder; undefined when it leads out of the vault. */
export const resolveFrom = (folder: string, path: string): string | undefined => {
  const segments = path.startsWith('/') || folder === '' ? [] : folder.split('/')
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment !== '..') segments.push(segment)
    else if (segments.pop() === undefined) return undefined
  }
  return segments.join('/')
}
