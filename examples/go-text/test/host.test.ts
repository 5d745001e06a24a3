// The plugin in Go, built and called through the whole host. Where Go is absent the tests say so and are skipped.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HostOptions, openHost } from '@bulkhead/host'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { buildGoProgram } from '../../../tests/support/go-program.ts'

const source = fileURLToPath(new URL('..', import.meta.url))
const built = buildGoProgram(source)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-text-'))
afterAll(() => {
  built[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(built.missing !== undefined)(`go-text ${built.missing ?? ''}`, () => {
  const plugin = join(folder, 'go-text')
  const lines: string[] = []
  const open = (options: HostOptions = {}) =>
    openHost({
      home: mkdtempSync(join(folder, 'home-')),
      workspaceRoot: folder,
      plugins: [plugin],
      log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) },
      ...options,
    })
  beforeEach(() => {
    mkdirSync(plugin, { recursive: true })
    copyFileSync(join(source, 'plugin.yaml'), join(plugin, 'plugin.yaml'))
    if (built.missing === undefined) copyFileSync(built.program, join(plugin, 'go-text'))
  })

  test('counts, and logs on its call', async () => {
    await using host = await open()
    expect(await host.call('go-text', 'count', { text: 'call me\nIshmael' })).toEqual({ words: 3, lines: 2 })
    expect(lines).toContain('info counting')
    await expect(host.call('go-text', 'count', { txt: '' })).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test('keeps its count in the store of the host, which outlives its process', async () => {
    await using host = await open({ policy: { grants: { 'go-text': ['storage'] } } })
    expect(await host.call('go-text', 'visit')).toEqual({ visits: 1 })
    expect(await host.call('go-text', 'visit', null, { user: 'other' })).toEqual({ visits: 2 })
  })

  test('without a grant the store is denied', async () => {
    await using host = await open()
    await expect(host.call('go-text', 'visit')).rejects.toMatchObject({ code: 'capability.denied' })
  })
})
