// Failures of the vault's thread as errors of the closed table. Messages name notes as the plugin named them, and no path of the
// host's.

import { BulkheadError } from '@bulkhead/kernel'
import type { Question, WireFailure } from './wire.ts'

/** The error of a failure, as the answer to that question. */
export const errorOf = (
  { kind, path, version, message }: WireFailure,
  question: Pick<Question, 'kind'>,
): BulkheadError => {
  const what = `notes.${question.kind}${path === '' ? '' : ` ${path}`}`
  const details = version === undefined ? {} : { details: { version } }
  switch (kind) {
    case 'not-found':
      return new BulkheadError('notes.not-found', `${what}: there is no such note`)
    case 'conflict':
      return new BulkheadError('notes.conflict', `${what}: the note has changed since that version`, details)
    case 'exists':
      return new BulkheadError('notes.conflict', `${what}: there is such a note already`, {
        ...details,
        hint: 'Choose another name, or write with mode "overwrite" and the version that it has: details.version.',
      })
    case 'not-regular':
      return new BulkheadError('notes.failed', `${what}: it is no regular file`)
    case 'too-large':
      return new BulkheadError('limit.file-size', `${what}: the note exceeds the file size limit`)
    case 'not-text':
      return new BulkheadError('notes.failed', `${what}: the note is not UTF-8 text and would be damaged`, {
        hint: 'Save it as UTF-8 in an editor first, or overwrite it as a whole.',
      })
    case 'busy':
      return new BulkheadError('notes.failed', `${what}: another program was writing in the vault`, {
        hint: 'Try again.',
      })
    case 'outdated':
      return new BulkheadError('notes.failed', `${what}: notes that link to it kept changing`, {
        hint: 'Try again.',
        details: { reason: 'outdated' },
      })
    default:
      return new BulkheadError('notes.failed', `${what}: ${message}`)
  }
}
