// Warnings about asks that give much away. They inform; nothing is refused because of them.

import { escapeLine } from '../text/escape.ts'
import { parsePattern } from './parse.ts'
import { namesSecludedHost } from './scope/network.ts'

/** One broad or dangerous pattern. */
export interface BroadWarning {
  readonly pattern: string
  /** One sentence for people, the pattern in quotes at its start. */
  readonly message: string
}

/**
 * The broad or dangerous ones among the patterns, in their order.
 * @throws BulkheadError `capability.invalid` for a pattern that is none
 */
export const broadWarnings = (patterns: readonly string[]): BroadWarning[] =>
  patterns.flatMap((pattern) => {
    const { name, scope } = parsePattern(pattern)
    const what = name.includes('*') ? aboutWildName(name) : aboutScope(name, scope)
    return what === undefined ? [] : [{ pattern, message: `"${escapeLine(pattern, 200)}" ${what}` }]
  })

const broadFamilies: Readonly<Record<string, string>> = {
  network: 'every network permission',
  filesystem: 'reading and writing every file that the host can reach',
  exec: 'running every program',
  env: 'every permission on environment variables, where secrets often are',
  storage: 'every store, also those that plugins share',
}

const aboutWildName = (name: string): string | undefined => {
  if (/^[*.]+$/.test(name)) return 'asks for everything that the host can do'
  const family = name.split('.', 1)[0] ?? ''
  if (family === '*') return 'begins with a star: it asks for permissions of every kind'
  const what = Object.hasOwn(broadFamilies, family) ? broadFamilies[family] : undefined
  return what === undefined ? undefined : `asks for ${what}`
}

const aboutScope = (name: string, scope: string | undefined): string | undefined => {
  const family = name.split('.', 1)[0] ?? ''
  if (family === 'exec') return scope === undefined || !hasLiteral(scope) ? 'can run programs' : aboutCommand(scope)
  if (name === 'storage.workspace' || name === 'storage.global') return 'shares a store with other plugins'
  if (scope === undefined) return undefined
  if (name === 'network') return aboutNetwork(scope)
  if (name === 'network.private') return 'reaches addresses inside your own network'
  if (name === 'env' && !/[A-Za-z0-9]{2}/.test(scope))
    return 'can read every environment variable, where secrets often are'
  return family === 'filesystem' ? aboutPath(name, scope) : undefined
}

const hasLiteral = (scope: string): boolean => /[A-Za-z0-9]/.test(scope)

const interpreters =
  /^(?:.*\/)?(?:(?:ba|da|z|fi|k|c)?sh|env|sudo|doas|su|python[0-9.]*|node|deno|bun|perl|ruby|php|lua|xargs|find|ssh|docker|podman)$/

const aboutCommand = (scope: string): string =>
  interpreters.test(scope.split(' ', 1)[0] ?? '')
    ? 'runs a program that can run any other'
    : 'can run a program with the rights of that program'

const aboutNetwork = (scope: string): string | undefined => {
  const place = scope.slice(scope.indexOf(' ') + 1)
  const host = place.replace(/^[a-z]+:\/\//i, '').replace(/[:/].*$/, '')
  if (host === '*') return 'can reach every public host'
  if (/^\*\.[^.]*$/.test(host)) return 'can reach every host under a top-level domain'
  return namesSecludedHost(scope) ? 'reaches this machine or your own network' : undefined
}

/** Folders that hold credentials, programs that start by themselves, or the system. */
const sensitive =
  /^(?:~|\/(?:home|Users))\/(?:.*\/)?\.(?:ssh|gnupg|aws|kube|config|docker|bashrc|profile|zshrc)(?:\/|$)/

const aboutPath = (name: string, scope: string): string | undefined => {
  const verb = name === 'filesystem.read' ? 'read' : 'change'
  const path = scope.replace(/\/+(?:\*{1,2})?$/, '')
  if (path === '' || path === '*' || path === '**') return `can ${verb} every file on this machine`
  if (path === '~' || path === '/root' || /^\/(?:home|Users)(?:\/[^/]+)?$/.test(path)) {
    return `can ${verb} a whole home folder`
  }
  if (sensitive.test(scope)) return `can ${verb} a folder where credentials or start-up files are`
  if (/^\/(?:etc|usr|bin|sbin|lib[0-9]*|boot|dev|proc|sys|var|System|Library)(?:\/|$)/.test(path)) {
    return `can ${verb} the system's own files`
  }
  if (/(?:^|\/)\.\.(?:\/|$)/.test(path)) return `can ${verb} files outside the workspace`
  return (path === '.' || path === './') && verb === 'change' ? 'can change every file of the workspace' : undefined
}
