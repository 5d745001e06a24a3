// The public library as the commands' port: the one place that imports its functions.

import {
  checkPlugin,
  findInstalled,
  inspectPlugin,
  listTrusted,
  openHost,
  previewTrust,
  queryAudit,
  resolveHome,
  runDoctor,
  trustFolder,
  untrustFolder,
  verifyAudit,
} from '@bulkhead/host'
import type { CliLibrary } from './library.ts'

/** The library itself. */
export const hostLibrary: CliLibrary = {
  openHost,
  inspectPlugin,
  checkPlugin,
  findInstalled,
  resolveHome,
  runDoctor,
  previewTrust,
  trustFolder,
  untrustFolder,
  listTrusted,
  queryAudit,
  verifyAudit,
}
