// One attack suite for the three languages, through the whole host as a user has it: each class of published ways out of an
// embedded interpreter, in a jail. Nothing is got hold of; what never ends is ended; the plugin answers the next call, and
// somebody else's all the while; and the process, seen from outside, never grew far beyond the plugin's memory limit.

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Host } from '@bulkhead/host'
import { jailsBelow } from '../support/jails.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { attackClasses, type Attempt, type LanguageAttacks } from '../support/script-attacks/classes.ts'
import { javaScriptAttacks } from '../support/script-attacks/javascript.ts'
import { luaAttacks } from '../support/script-attacks/lua.ts'
import { runeAttacks } from '../support/script-attacks/rune.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const MiB = 2 ** 20
const memoryMiB = 32
/** Beside the guest's own: what compiling, collecting and several copies at once take of the engine's memory. */
const slackMiB = 128

const languages: Readonly<Record<string, LanguageAttacks>> = {
  JavaScript: javaScriptAttacks,
  Lua: luaAttacks,
  Rune: runeAttacks,
}
const alive: Readonly<Record<string, string>> = {
  JavaScript: 'export const ok = () => "alive"\n',
  Lua: 'function ok() return "alive" end\n',
  Rune: 'pub fn ok() { "alive" }\n',
}

/** The most that a process ever held in memory, bytes (proc(5), `VmHWM`). */
const peakOf = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

describe.each(Object.entries(languages))('%s', (name, language) => {
  const list = attackClasses.flatMap((kind) =>
    Object.entries(language.attempts[kind]).map(([title, attempt], at) => ({
      title: `${kind}: ${title}`,
      action: `a${attackClasses.indexOf(kind)}_${at}`,
      attempt,
    })),
  )
  const tried = list.filter(({ attempt }) => !('lacks' in attempt))
  let workspace: Workspace
  let host: Host
  /** What the largest jail held before anything was tried. */
  let before: number

  beforeAll(async () => {
    workspace = await openWorkspace()
    const actions = tried.map(({ action, attempt }) => language.action(action, bodyOf(attempt)))
    const source = [language.head ?? '', alive[name], ...actions].join('\n')
    for (const [plugin, text] of [
      ['hostile', source],
      ['neighbour', alive[name] ?? ''],
    ] as const) {
      await workspace.write(
        `plugins/${plugin}/plugin.yaml`,
        `manifest: 1\nname: ${plugin}\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: ${language.entry}, limits: { memory: ${memoryMiB}MiB } }\n`,
      )
      await workspace.write(`plugins/${plugin}/${language.entry}`, text)
    }
    host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' } })
    await host.call('neighbour', 'ok')
    await host.call('hostile', 'ok')
    before = Math.max(...jailsBelow(process.pid).map(peakOf))
  })
  afterAll(async () => {
    await host[Symbol.asyncDispose]()
    await workspace[Symbol.asyncDispose]()
  })

  test.each(tried)('$title', async ({ action, attempt }) => {
    // What has to end by another limit gets the time to come to it, on a busy machine too.
    const runsOut = 'ends' in attempt && attempt.codes.includes('limit.time')
    const called = host.call('hostile', action, null, { timeoutMs: runsOut ? 800 : 30_000 })
    // Both go on at once: neither may hold the other up.
    const [outcome, beside] = await Promise.all([
      called.then(
        (value) => ({ value }),
        (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
      ),
      host.call('neighbour', 'ok'),
    ])
    expect(beside).toBe('alive')
    if ('reaches' in attempt) expect(outcome).toEqual({ value: [] })
    else if ('ends' in attempt)
      expect(attempt.codes, JSON.stringify(outcome)).toContain('code' in outcome && outcome.code)
    expect(await host.call('hostile', 'ok')).toBe('alive')
    const peaks = jailsBelow(process.pid).map(peakOf)
    expect(peaks.length).toBeGreaterThan(0)
    expect(Math.max(...peaks)).toBeLessThan(before + (memoryMiB + slackMiB) * MiB)
  })
})

const bodyOf = (attempt: Attempt): string => {
  if ('reaches' in attempt) return attempt.reaches
  return 'ends' in attempt ? attempt.ends : ''
}
