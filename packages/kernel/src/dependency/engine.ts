// Whether a plugin and this version of Bulkhead fit together.

import satisfies from 'semver/functions/satisfies.js'
import { BulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'

/**
 * Checks a manifest's `engine` range against the version of the host; no range fits every host. A pre-release of the
 * host counts as its version.
 *
 * @throws BulkheadError `engine.incompatible`, also for text that is no range
 */
export const checkEngine = (range: string | undefined, hostVersion: string): void => {
  if (range === undefined || satisfies(hostVersion, range, { includePrerelease: true })) return
  throw new BulkheadError(
    'engine.incompatible',
    `the plugin needs Bulkhead ${escapeLine(range, 100)}, and this is ${hostVersion}`,
  )
}
