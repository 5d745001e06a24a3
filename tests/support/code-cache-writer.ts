// A process of its own for tests of the cache of rewritten modules: puts and gets the same keys as its siblings, and
// prints how many of its answers were neither absent nor right.

import { moduleBytes, openTestCache } from './code-cache.ts'

const [home = '', rounds = '1'] = process.argv.slice(2)
using cache = openTestCache(home, { maxBytes: 2_000_000, maxEntries: 24 })
let wrong = 0
for (let round = 0; round < Number(rounds); round++) {
  const seed = round % 16
  const found = cache.get(`k${seed}`)
  const right = { bytes: moduleBytes(seed, 20_000 + seed), facts: `{"seed":${seed}}` }
  if (found === undefined) cache.put(`k${seed}`, right)
  else if (Buffer.compare(found.bytes, right.bytes) !== 0 || found.facts !== right.facts) wrong++
}
process.stdout.write(JSON.stringify({ wrong, said: cache.said }))
