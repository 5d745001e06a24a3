// How a link to a note is written: as short as is still unmistakable, in the manner of the link that it takes the place of.

import { folderOf, nameOf, withoutEnding } from '../markdown/note-path.ts'

/** What the spelling depends on. */
export interface LinkManner {
  readonly kind: 'wiki' | 'markdown'
  /** Path of the note that it stands in. */
  readonly from: string
  /** It stands in angle brackets: spaces are written as they are. */
  readonly isInBrackets: boolean
  leadsThere(target: string): boolean
}

/** The target as it is to be written; undefined when none leads there, or its characters cannot stand in a link. */
export const spellLink = (path: string, manner: LinkManner): string | undefined =>
  manner.kind === 'wiki' ? spellWiki(withoutEnding(path), manner) : spellMarkdown(path, manner)

const spellWiki = (path: string, { leadsThere }: LinkManner): string | undefined => {
  if (/[[\]|#^]/.test(path)) return undefined
  const segments = path.split('/')
  for (let count = 1; count <= segments.length; count++) {
    const target = segments.slice(-count).join('/')
    if (leadsThere(target)) return target
  }
  return leadsThere(`/${path}`) ? `/${path}` : undefined
}

const spellMarkdown = (path: string, { from, isInBrackets, leadsThere }: LinkManner): string | undefined => {
  const target = relativePath(folderOf(from), path)
  if (!leadsThere(target)) return undefined
  if (!isInBrackets)
    return encodeURI(target).replace(/[()#?[\]]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
  return /[<>#\n]/.test(target) ? undefined : target
}

const relativePath = (folder: string, path: string): string => {
  const base = folder === '' ? [] : folder.split('/')
  const segments = folderOf(path) === '' ? [] : folderOf(path).split('/')
  let shared = 0
  while (shared < base.length && shared < segments.length && base[shared] === segments[shared]) shared++
  const up = base.slice(shared).map(() => '..')
  return [...up, ...segments.slice(shared), nameOf(path)].join('/')
}
