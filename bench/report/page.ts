// docs/performance.md: the tables of one run, with what it was taken on and how to read it.

import type { Measure } from '../measure.ts'
import { describeMachine } from './machine.ts'
import { makeTables } from './table.ts'

/** Makes the page. */
export const makePage = (measures: readonly Measure[], at: Date): string => `# Performance

\`npm run bench\` wrote this page on ${at.toISOString().slice(0, 10)}; do not edit it.

${describeMachine()
  .map((line) => `- ${line}`)
  .join('\n')}

Ours and the peers’ figures come from one run and were taken in turns, warmed alike, without pauses; absolute times move
from machine to machine, ratios less so. Each scenario has a process of its own. *ours / peer’s* is below 1 where ours
takes less (for amounts a second: above 1 where ours carries more). A goal has a line for each of its targets; in the second
table the targets are floors, which must hold on any machine.

${makeTables(measures)}

## What is compared

- A call carries 16 bytes each way. *Fresh state*: every call finds the plugin as it was loaded; *kept state*: the plugin
  keeps one instance. Extism and the others keep state in every line; only ours is given back fresh.
- Every call of ours passes the host: schemas (not for \`invokeRaw\`), context, limits, metrics and an audit record. The
  peers do none of that; a guest of theirs that does not end is ended with its thread, or not at all.
- The wasm plugin is one module for Extism and for us. It reads and writes eight bytes a host call, as Extism’s development
  kits do; our rewriting turns these calls into accesses of memory.
- *Bare postMessage* is a round trip between two threads and a bound for everything that uses messages. It gets faster the
  busier both sides are: a thread that sleeps takes some 50 µs to wake.
- *Fresh instance* and *fresh sandbox*: a loaded plugin is called for a user whom it has not served, and makes an instance.
  The peers get the same code and open a new plugin or module. Extism compiles the bytes each time unless the line says
  otherwise. Contexts of quickjs-emscripten and engines of wasmoon share one memory with others of their kind, so that
  they are no isolation from each other; only a new module has a memory of its own, as our sandbox has.
- *Calls a second of CPU time* counts the CPU time of all threads of the process; 16 calls are in flight. A plugin of Extism
  takes one at a time.
- *Plain V8* and the *unmetered interpreter* run the same module without anything of ours. Results are checked to be
  alike. Such code is disturbed or it is not: the figure is the run that a tenth of the runs are quicker than.
- *Stopped after the deadline* is the time from the deadline to the error that the caller gets, which comes once the guest
  has left its thread. One other plugin on that thread is called without a break meanwhile. Extism ends its thread and
  starts a new one; its deadline is longer, because it holds for that as well.
- Megabytes a second count one way: what went in and came out is counted once.
- Memory is the resident memory of the process after garbage collection: all of it where the line says so, else the growth
  divided by the number of plugins. The thousand plugins are no two alike, so that nothing of their code is shared.

What was done for these figures, and where the time goes that the missed goals take, is told in
[explanation/speed.md](explanation/speed.md).

The scenarios are in \`bench/scenarios\`; one of them alone: \`npm run bench -- --only warm-thread\`. A few samples of each,
to see that they run: \`npm run bench -- --quick\`. The same as one JSON document: \`npm run --silent bench -- --json\`.
`
