// Turns what the command line parser says into the one error format.

import { BulkheadError } from '@bulkhead/host/terms'
import type { CommanderError } from 'commander'

/** A usage error from the parser's own: its message without prefix, its suggestion as the hint. */
export const commandLineError = (thrown: CommanderError): BulkheadError => {
  if (thrown.code === 'commander.help') return usageError('no command was given', 'Run: bulkhead --help.')
  const [first = '', ...rest] = thrown.message.replace(/^error: /, '').split('\n')
  const suggestion = rest
    .join(' ')
    .replace(/^\(|\)$/g, '')
    .trim()
  return usageError(first, suggestion === '' ? 'Run the command with --help.' : suggestion)
}

/** A usage error of ours. */
export const usageError = (message: string, hint?: string): BulkheadError =>
  new BulkheadError('usage.invalid', message, hint === undefined ? {} : { hint })
