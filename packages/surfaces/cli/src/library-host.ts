// The public library as the commands' port: the one place that imports its functions. It is loaded by the first of them that a
// command calls; help and the version never need it.

import { resolveHome } from '@bulkhead/host/terms'
import type { CliLibrary } from './library.ts'

const load = () => import('@bulkhead/host')

type Library = Awaited<ReturnType<typeof load>>

/** The library itself. */
export const hostLibrary: CliLibrary = {
  openHost: async (options) => (await load()).openHost(options),
  inspectPlugin: async (path) => (await load()).inspectPlugin(path),
  checkPlugin: async (path) => (await load()).checkPlugin(path),
  findInstalled: async (name, search) => (await load()).findInstalled(name, search),
  resolveHome,
  runDoctor: async (options) => (await load()).runDoctor(options),
  previewTrust: async (target) => (await load()).previewTrust(target),
  trustFolder: async (target) => (await load()).trustFolder(target),
  untrustFolder: async (target) => (await load()).untrustFolder(target),
  listTrusted: async (options) => (await load()).listTrusted(options),
  async *queryAudit(home, filter?: Parameters<Library['queryAudit']>[1]) {
    yield* (await load()).queryAudit(home, filter)
  },
  verifyAudit: async (home) => (await load()).verifyAudit(home),
}
