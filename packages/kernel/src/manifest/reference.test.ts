import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileSchema } from '../schema/linear-patterns.ts'
import { validate } from '../schema/validate.ts'
import { manifestJsonSchema } from './json-schema.ts'
import { parseManifest } from './parse-manifest.ts'
import { makeManifestReference, makeManifestSchemaFile } from './reference.ts'

const file = (name: string) => readFileSync(new URL(`../../../../docs/reference/${name}`, import.meta.url), 'utf8')

test('the reference page and the published schema are what the schemas say', async () => {
  const run = 'run: node --conditions=@bulkhead/source scripts/generate-manifest-reference.ts'
  expect(file('manifest.md'), run).toBe(makeManifestReference())
  expect(file('manifest.schema.json'), run).toBe(makeManifestSchemaFile())
})

test('the manifest that the page prints is valid', async () => {
  const printed = /```yaml\n([\s\S]*?)```/.exec(makeManifestReference())?.[1] ?? ''
  expect(await parseManifest({ file: 'plugin.yaml', text: printed })).toMatchObject({ faults: [], warnings: [] })
})

test('the published schema takes what the parser takes and refuses an unknown field', async () => {
  const schema = compileSchema(manifestJsonSchema())
  const manifest = { name: 'a', version: '1.0.0', type: 'tool', permissions: { network: ['api.example.com'] } }
  expect(validate(schema, manifest)).toEqual({ ok: true })
  expect(validate(schema, { plugin: manifest.name })).toMatchObject({ ok: false })
  expect(validate(schema, { ...manifest, nmae: 'b' })).toMatchObject({ ok: false })
})
