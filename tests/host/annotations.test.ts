// Annotations become the schemas that calls are held to, from the source to the caller.

import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

const sources: Readonly<Record<string, string>> = {
  'a.js': `/**
 * Joins.
 * @param {object} input
 * @param {string[]} input.parts what is joined
 * @param {string} [input.by] between them
 * @returns {string}
 */
export const join = ({ parts, by = ' ' }) => parts.join(by)`,
  'a.ts': `/** Joins. */
export function join({ parts, by = ' ' }: { parts: string[]; by?: string }): string { return parts.join(by) }`,
  'a.lua': `---Joins.
---@param parts string[]
---@param by? string
---@return string
function join(parts, by) return table.concat(parts, by or " ") end`,
  'a.rn': `/// Joins.
///
/// @param parts string[]
/// @param by? string
/// @return string
pub fn join(parts, by) {
    let by = match by { () => " ", given => given };
    let text = "";
    for part in parts {
        if text != "" { text.push_str(by); }
        text.push_str(part);
    }
    text
}`,
}

test.each(Object.keys(sources))('%s', async (file) => {
  await using workspace = await openWorkspace()
  const path = await workspace.write(file, sources[file] ?? '')
  await using host = await openHost({ plugins: [path], home: workspace.home, policy: { boundary: 'thread' } })
  expect(await host.call('a', 'join', { parts: ['a', 'b'], by: '-' })).toBe('a-b')
  expect(await host.call('a', 'join', { parts: ['a', 'b'] })).toBe('a b')
  expect(host.getPluginStatus('a').actions['join']).toMatchObject({
    description: 'Joins.',
    input: { properties: { parts: { type: 'array', items: { type: 'string' } } }, required: ['parts'] },
    output: { type: 'string' },
  })
  for (const input of [{}, { parts: [1] }, { parts: [], bye: '-' }]) {
    await expect(host.call('a', 'join', input)).rejects.toMatchObject({ code: 'input.invalid' })
  }
})

test('no input is an empty object for an action of which every field is optional', async () => {
  await using workspace = await openWorkspace()
  const source = `export const free = (input: { by?: string }) => input.by ?? 'none'
export const bound = (input: { by: string }) => input.by
export const open = (input: { by?: string } | null) => input === null`
  const path = await workspace.write('a.ts', source)
  await using host = await openHost({ plugins: [path], home: workspace.home, policy: { boundary: 'thread' } })
  expect(await host.call('a', 'free')).toBe('none')
  expect(await host.call('a', 'free', null)).toBe('none')
  await expect(host.call('a', 'bound')).rejects.toMatchObject({ code: 'input.invalid' })
  expect(await host.call('a', 'open', null)).toBe(true)
})

test('the manifest’s own words win', async () => {
  await using workspace = await openWorkspace()
  await workspace.write(
    'p/plugin.yaml',
    `manifest: 1
name: p
version: 1.0.0
type: tool
execution: { tier: script, language: lua, entry: main.lua }
actions: { join: { description: From the manifest., input: { type: object, required: [parts, by] } } }
`,
  )
  const main = await workspace.write('p/main.lua', sources['a.lua'] ?? '')
  await using host = await openHost({
    plugins: [main.replace(/\/main.lua$/, '')],
    home: workspace.home,
    policy: { boundary: 'thread' },
  })
  await expect(host.call('p', 'join', { parts: [] })).rejects.toMatchObject({ code: 'input.invalid' })
  // Still by their places.
  expect(await host.call('p', 'join', { parts: ['a', 'b'], by: '+' })).toBe('a+b')
  expect(host.getPluginStatus('p').actions['join']?.description).toBe('From the manifest.')
})

test('annotations that make no sense keep nothing from loading', async () => {
  await using workspace = await openWorkspace()
  const path = await workspace.write('a.lua', '---@param a {{{\n---@return ]\n---@risk no\nfunction f(a) return a end')
  await using host = await openHost({ plugins: [path], home: workspace.home, policy: { boundary: 'thread' } })
  expect(await host.call('a', 'f', { a: 3 })).toBe(3)
})
