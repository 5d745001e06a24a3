// The new text of a note out of the old one and what is to be done to it.

import { noteFailure } from '../folder/note-failure.ts'
import type { Edit } from '../wire.ts'

/** @throws NoteFailure `exists`, `not-found`, `refused` */
export const applyEdit = (
  path: string,
  edit: Edit,
  old: { readonly text: string | undefined; readonly version: string | undefined },
): string => {
  const version = old.version === undefined ? {} : { version: old.version }
  switch (edit.kind) {
    case 'create':
      if (old.text !== undefined) throw noteFailure('exists', path, version)
      return edit.content
    case 'overwrite':
      return edit.content
    case 'update':
      if (old.text === undefined) throw noteFailure('not-found', path)
      return edit.content
    case 'append':
      return old.text === undefined || old.text === '' || old.text.endsWith('\n')
        ? `${old.text ?? ''}${edit.content}`
        : `${old.text}\n${edit.content}`
    default: {
      if (old.text === undefined) throw noteFailure('not-found', path)
      const at = old.text.indexOf(edit.find)
      if (at === -1) throw noteFailure('refused', path, { message: 'the text to replace does not occur' })
      if (old.text.includes(edit.find, at + 1)) {
        throw noteFailure('refused', path, { message: 'the text to replace occurs more than once' })
      }
      return old.text.slice(0, at) + edit.replace + old.text.slice(at + edit.find.length)
    }
  }
}
