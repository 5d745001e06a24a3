// Writes docs/reference/cli.md from the commands themselves.
// Run: node --conditions=@bulkhead/source scripts/generate-cli-reference.ts

import { writeFile } from 'node:fs/promises'
import { makeCliReference } from '../packages/surfaces/cli/src/reference.ts'

await writeFile(new URL('../docs/reference/cli.md', import.meta.url), makeCliReference())
