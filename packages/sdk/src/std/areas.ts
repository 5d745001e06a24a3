// The areas of the host that need no permission, under names of their own: `graph.bfs(…)` is `host.graph.bfs(…)`.

import type { PureAreas } from '../context.ts'
import { failure } from './failure.ts'

/** The host is there when a function is called, and need not be when the module is evaluated. */
const areaOf = <Name extends keyof PureAreas>(name: Name): PureAreas[Name] =>
  /* @__PURE__ */ new Proxy({} as PureAreas[Name], {
    get: (_target, member) => {
      const { host } = globalThis as { host?: PureAreas }
      if (host === undefined) throw failure('library.host', `there is no host here, and ${name} is one of its areas`)
      return (host[name] as unknown as Record<string | symbol, unknown>)[member]
    },
  })

/** Graph algorithms: a graph crosses to the host once. */
export const graph: PureAreas['graph'] = /* @__PURE__ */ areaOf('graph')
/** YAML 1.2. */
export const yaml: PureAreas['yaml'] = /* @__PURE__ */ areaOf('yaml')
/** CSV (RFC 4180). */
export const csv: PureAreas['csv'] = /* @__PURE__ */ areaOf('csv')
/** Patterns in linear time (RE2). */
export const regex: PureAreas['regex'] = /* @__PURE__ */ areaOf('regex')
/** Dates and times with zones. */
export const time: PureAreas['time'] = /* @__PURE__ */ areaOf('time')
