// Manifest faults as one error that names them all.

import { BulkheadError, formatFault, type ManifestFault } from '@bulkhead/kernel'

/** An error that lists every fault. */
export const faultsError = (path: string, faults: readonly ManifestFault[]): BulkheadError =>
  new BulkheadError(
    'manifest.invalid',
    `the manifest at ${path} has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  ${formatFault(fault)}`).join('\n')}`,
    {
      details: {
        faults: faults.map((fault) => ({
          file: fault.file,
          line: fault.line,
          field: fault.field,
          message: fault.message,
          mend: fault.mend,
        })),
      },
    },
  )
