// Writes docs/reference/limits.md from the kernel's table of limits and from what a call may tighten:
//   node --conditions=@bulkhead/source scripts/generate-limits-reference.ts
// A test compares the committed page with what this yields.

import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { callLimits } from '../packages/host/src/call/call-options.ts'
import { defaultLimitText, limitNames, type LimitSpec, limitSpecs } from '../packages/kernel/src/limit-specs.ts'

/** Where the page stands. */
export const limitsReferencePath = fileURLToPath(new URL('../docs/reference/limits.md', import.meta.url))

const spellings: Readonly<Record<LimitSpec['unit'], string>> = {
  duration: '`500ms`, `30s`, `2m`, `1h`',
  size: '`64KiB`, `1MiB`, `10MB`',
  count: 'whole number',
  rate: 'number',
}

/** The page. */
export const limitsReference = (): string => {
  const rows = limitNames.map((name) => {
    const { about, field, unit, code, refusal, metric }: LimitSpec = limitSpecs[name]
    const tightened = Object.hasOwn(callLimits, field) ? 'yes' : 'no'
    return `| \`${name}\` | ${about}. | ${defaultLimitText(name)} | ${spellings[unit]} | \`${field}\` | ${tightened} | \`${code ?? refusal}\` | \`${metric}\` |`
  })
  return `<!-- Written by scripts/generate-limits-reference.ts. Change the table, then run it again. -->

# Limits

Each limit holds for one plugin. \`bulkhead show <plugin>\` prints those in force. [Bound what a plugin may
use](../how-to/limits.md) says how to set them, [errors](errors.md) what each error asks for.

- *written* is how a manifest (\`execution.limits\`) and \`--limit <name>=<value>\` spell it; a policy holds numbers:
  milliseconds, bytes, counts.
- *call* tells whether \`limits\` of one call may tighten it. The others belong to the loaded plugin.
- *error* is the code that a call ends with which hits the limit (exit code 5), unless the plugin catches it where it
  came from a host function. The calls after it are not affected. \`processes\`, \`openFiles\` and \`tmp\` are for programs alone (tier
  \`process\`): the operating system refuses the program more with that error, and what the program makes of it is its own.
- *figure* is where the amount that it bounds is shown: in the metrics of a call (\`run --json\`, \`host.invoke\`), or in the
  plugin's status (\`show --json\`, \`host.getPluginStatus\`), which also counts the calls that ended in each such code
  (\`limitHits\`).

| name | what it bounds | default | written | policy | call | error | figure |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

The depth of the stack is bounded as well, and cannot be set: \`limit.stack\`.
`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(limitsReferencePath, limitsReference())
}
