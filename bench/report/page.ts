// docs/performance.md: the table of one run, with what it was taken on and how to read it.

import type { Measure } from '../measure.ts'
import { describeMachine } from './machine.ts'
import { makeTable } from './table.ts'

/** Makes the page. */
export const makePage = (measures: readonly Measure[], at: Date): string => `# Performance

\`npm run bench\` wrote this page on ${at.toISOString().slice(0, 10)}; do not edit it.

${describeMachine()
  .map((line) => `- ${line}`)
  .join('\n')}

Ours and the peers’ figures come from one run and were taken in turns; absolute times move from machine to machine,
ratios less so. Each scenario has a process of its own. *ours / peer’s* is below 1 where ours takes less (for rates: above 1
where ours carries more); for metering it is the slowdown itself.

- A call carries 16 bytes each way. *Fresh state*: every call finds the plugin’s first state; *kept state*: the plugin keeps its
  own. A warm call passes the host with a JSON value, a *call of bytes* passes it raw, as the peer is called.
- Every call of ours passes the host: schema, context, limits, metrics and an audit record. The peers do none of that.
- *Calls a second a core* are calls by CPU time of the whole process. MB are 10^6 bytes, counted once though they travel twice.
- Memory is the growth of the process’s resident memory after garbage collection, divided by the number of plugins.
- *postMessage* is a bare round trip between two threads and a bound for everything that uses messages. Contexts of
  quickjs-emscripten share one memory; only a new module has a memory of its own, as our fresh state has.

${makeTable(measures)}

The wasm plugin is one module for Extism and for us. The scenarios are in \`bench/scenarios\`; one of them alone:
\`npm run bench -- --only warm-call\`. The same as one JSON document: \`npm run --silent bench -- --json\`.
`
