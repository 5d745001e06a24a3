// The manifest and the source say the same about every action.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import plugin from '../src/index.ts'

interface Described {
  readonly description?: string
  readonly risk?: string
  readonly input?: unknown
}

test('every action has the same description, risk and input schema in both', () => {
  const manifest = parse(readFileSync(new URL('../plugin.yaml', import.meta.url), 'utf8')) as {
    actions: Record<string, Described>
  }
  const inSource = Object.entries(plugin.actions as Record<string, Described>).map(
    ([name, { description, risk, input }]) => [name, { description, risk, input }],
  )
  expect(manifest.actions).toEqual(Object.fromEntries(inSource))
})
