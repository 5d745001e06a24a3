// Writes docs/reference/manifest.md and manifest.schema.json from the manifest's own schemas.
// Run: node --conditions=@bulkhead/source scripts/generate-manifest-reference.ts

import { writeFile } from 'node:fs/promises'
import { makeManifestReference, makeManifestSchemaFile } from '../packages/kernel/src/manifest/reference.ts'

const folder = new URL('../docs/reference/', import.meta.url)
await writeFile(new URL('manifest.md', folder), makeManifestReference())
await writeFile(new URL('manifest.schema.json', folder), makeManifestSchemaFile())
