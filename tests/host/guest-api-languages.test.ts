// The guest API in its three languages: each has every method of the table, and a method does the same in each.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { guestSide } from '../../scripts/guest-api/guest-side.ts'
import { camelCase } from '../../scripts/guest-api/names.ts'
import { guestApi } from '../../packages/sdk/src/guest-api.ts'
import { openWorkspaceHost } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const permissions = `permissions:
  storage: true
  env: [GUEST_API_SET, GUEST_API_UNSET]
  filesystem: { read: ['.'], write: ['.'] }
`
const grants = ['storage', 'env:GUEST_API_*', 'filesystem.read:.', 'filesystem.write:.']
const endings = { javascript: 'js', lua: 'lua', rune: 'rn' } as const
type Language = keyof typeof endings

const openPlugins = async (workspace: Workspace, sources: Readonly<Record<Language, string>>) => {
  for (const language of Object.keys(endings) as Language[]) {
    const entry = `main.${endings[language]}`
    const folder = `plugins/in-${language}`
    await workspace.write(
      `${folder}/plugin.yaml`,
      `manifest: 1\nname: in-${language}\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: ${entry} }\n${permissions}`,
    )
    await workspace.write(`${folder}/${entry}`, sources[language])
  }
  return openWorkspaceHost(workspace, {
    env: { GUEST_API_SET: 'here' },
    policy: {
      boundary: 'thread',
      grants: Object.fromEntries(Object.keys(endings).map((language) => [`in-${language}`, grants])),
    },
  })
}

const nameOf = (call: string): string => call.replace(/\(.*/, '')
const luaMembers = Object.values(guestSide).flatMap(({ lua = [] }) => lua.map(({ call }) => nameOf(call)))
const runeMembers = Object.values(guestSide).flatMap(({ rune = [] }) => rune.map(({ call }) => nameOf(call)))

test('each language has every method of the table, and what the reference says that it adds', async () => {
  const inJavaScript = guestApi.map(({ area, name }) => [area, camelCase(name)])
  const inLua = [...guestApi.map(({ area, name }) => `${area}.${name}`), ...luaMembers]
  const inRune = [
    ...guestApi.flatMap(({ area, name, options }) => [
      `${area}::${name}`,
      ...(options ? [`${area}::${name}_with`] : []),
    ]),
    ...runeMembers,
  ]
  await using workspace = await openWorkspace()
  await using host = await openPlugins(workspace, {
    javascript: `const names = ${JSON.stringify(inJavaScript)}
      export const missing = () => names.filter(([area, name]) => typeof host[area]?.[name] !== 'function')`,
    lua: `function missing()
        local absent = {}
        ${inLua.map((name) => `if host.${name} == nil then absent[#absent + 1] = "${name}" end`).join('\n')}
        return #absent == 0 and "" or table.concat(absent, " ")
      end`,
    // A path that leads nowhere does not compile.
    rune: `pub fn missing() { [${inRune.map((name) => `host::${name}`).join(', ')}].len() }`,
  })
  expect(await host.call('in-javascript', 'missing')).toEqual([])
  expect(await host.call('in-lua', 'missing')).toBe('')
  expect(await host.call('in-rune', 'missing')).toBe(inRune.length)
})

test('a method takes, sends and gives the same in each', async () => {
  await using workspace = await openWorkspace()
  await using host = await openPlugins(workspace, {
    javascript: `export const all = async () => {
      await host.kv.set('k', { n: 1 })
      const swapped = await host.kv.setIfVersion('k', { n: 2 }, (await host.kv.getEntry('k')).version)
      await host.kv.update('u', (old) => (old ?? 0) + 1)
      await host.fs.writeBytes('javascript.txt', 'QUJD')
      const failed = await host.fs.readText('none.txt').catch((error) => error.code)
      return {
        absent: (await host.kv.get('none')) ?? 'nothing',
        there: await host.kv.get('k', { scope: 'plugin' }),
        swapped: swapped.updated,
        stale: (await host.kv.setIfVersion('k', 3, 0)).updated,
        updated: await host.kv.update('u', (old) => old + 1),
        counted: await host.kv.increment('c', 5),
        deleted: [await host.kv.delete('k'), await host.kv.delete('k')],
        keys: (await host.kv.list({ prefix: 'c' })).keys,
        set: await host.env.get('GUEST_API_SET'),
        unset: (await host.env.get('GUEST_API_UNSET')) ?? 'nothing',
        failed,
      }
    }`,
    lua: `function all()
      host.kv.set("k", { n = 1 })
      local swapped = host.kv.set_if_version("k", { n = 2 }, host.kv.get_entry("k").version)
      host.kv.update("u", function(old) return (old or 0) + 1 end)
      host.fs.write_bytes("lua.txt", "QUJD")
      local _, failure = pcall(host.fs.read_text, "none.txt")
      return {
        absent = host.kv.get("none") or "nothing",
        there = host.kv.get("k", { scope = "plugin" }),
        swapped = swapped.updated,
        stale = host.kv.set_if_version("k", 3, 0).updated,
        updated = host.kv.update("u", function(old) return old + 1 end),
        counted = host.kv.increment("c", 5),
        deleted = { host.kv.delete("k"), host.kv.delete("k") },
        keys = host.kv.list({ prefix = "c" }).keys,
        set = host.env.get("GUEST_API_SET"),
        unset = host.env.get("GUEST_API_UNSET") or "nothing",
        failed = failure.code,
      }
    end`,
    rune: `pub fn all() {
      host::kv::set("k", #{ n: 1 })?;
      let version = host::kv::get_entry("k")?.version;
      let swapped = host::kv::set_if_version("k", #{ n: 2 }, version)?;
      host::kv::update("u", |old| Some(old.unwrap_or(0) + 1))?;
      host::fs::write_bytes("rune.txt", "QUJD")?;
      let failed = match host::fs::read_text("none.txt") { Ok(_) => "no", Err(error) => error.code };
      Ok(#{
        absent: host::kv::get("none")?.unwrap_or("nothing"),
        there: host::kv::get_with("k", #{ scope: "plugin" })?,
        swapped: swapped.updated,
        stale: host::kv::set_if_version("k", 3, 0)?.updated,
        updated: host::kv::update("u", |old| Some(old.unwrap_or(0) + 1))?,
        counted: host::kv::increment("c", 5)?,
        deleted: [host::kv::delete("k")?, host::kv::delete("k")?],
        keys: host::kv::list_with(#{ prefix: "c" })?.keys,
        set: host::env::get("GUEST_API_SET")?,
        unset: host::env::get("GUEST_API_UNSET")?.unwrap_or("nothing"),
        failed: failed,
      })
    }`,
  })
  for (const language of Object.keys(endings)) {
    expect(await host.call(`in-${language}`, 'all'), language).toEqual({
      absent: 'nothing',
      there: { n: 2 },
      swapped: true,
      stale: false,
      updated: 2,
      counted: 5,
      deleted: [true, false],
      keys: ['c'],
      set: 'here',
      unset: 'nothing',
      failed: 'fs.not-found',
    })
    // A text where bytes belong is its own bytes, and not base64.
    expect(readFileSync(`${workspace.path}/${language}.txt`, 'utf8'), language).toBe('QUJD')
  }
})
