// Writes docs/reference/fuel.md from the meter's table of prices:
//   node --conditions=@bulkhead/source scripts/generate-fuel-reference.ts
// A test compares the committed page with what this yields.

import { writeFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { mostBodyBytes } from '../packages/meter/src/callers-pay.ts'
import { fewArms } from '../packages/meter/src/operand-rewriter.ts'
import { defaultUnits, priceGroups, unitLengths } from '../packages/meter/src/prices.ts'

/** Where the page stands. */
export const fuelReferencePath = fileURLToPath(new URL('../docs/reference/fuel.md', import.meta.url))

/** The page. */
export const fuelReference = (): string => {
  const prices = [...priceGroups].sort((a, b) => a.units - b.units).map(({ units, what }) => `| ${what} | ${units} |`)
  const lengths = unitLengths.map(({ per, what }) => `| ${per} ${what} | 1 |`)
  return `<!-- Written by scripts/generate-fuel-reference.ts. Change the table, then run it again. -->

# Fuel

Fuel counts the work of WebAssembly code in units that do not depend on the machine or on what else it does: the same call
with the same input uses the same fuel. It is off unless \`limits.fuel\` is set (manifest, policy, \`--fuel\`); a plugin that
has used up its fuel ends with \`limit.fuel\`. What was used is in the metrics of the call as \`fuelUsed\`.

A stretch of code is paid for before it runs, whichever branch is taken in it: a function when it is entered, the body of a
loop at each turn, what a large branch table (\`br_table\` of ${fewArms} entries and more) leads to when it is reached.

For a small function (up to ${mostBodyBytes} bytes) that can only be called by its index (it is neither exported nor in a table, and
no code refers to it) its callers pay: together with the first such call on a way through a function, or in a turn of a loop,
for those that follow as well.

A short loop takes units for many turns in advance; what is left of them is given back when the function returns, and lost
when it ends by an exception or a trap. Work of the host (host functions, the memory that it copies) costs no fuel.

| instruction | units |
| --- | ---: |
${prices.join('\n')}
| every other instruction | ${defaultUnits} |

| length | units |
| --- | ---: |
${lengths.join('\n')}

A script runs in an interpreter that is WebAssembly itself: its fuel is that of the interpreter, some 240 000 units for the
smallest call, and some 1500 for a turn of \`for (let i = 0; i < n; i++) sum += i\`. A limit for a script is set from what
\`fuelUsed\` tells, not from the table; to bound its time, \`cpu\` is the better limit. The prices belong to a version of the
meter; a new version may change them.
`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(fuelReferencePath, fuelReference())
}
