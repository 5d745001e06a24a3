// One way to say that a text is not a capability; plugin text in the message is escaped and capped.

import { BulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'

/** Makes the error `capability.invalid`. `why` continues the sentence that begins with the quoted text. */
export const invalidCapability = (text: string, why: string, hint?: string): BulkheadError =>
  new BulkheadError('capability.invalid', `"${escapeLine(text, 200)}" ${why}`, hint === undefined ? {} : { hint })
