// Entry of a jailed process: the cell program over its standard streams. Nothing else happens here.

import { makeGarbageCount } from '../garbage-node.ts'
import { Program } from '../program.ts'
import { serveProgram } from '../program-wire.ts'
import { makeRegisters } from '../registers.ts'
import { Scheduler } from '../scheduler.ts'
import { openTickerPlace } from '../ticker.ts'
import { wakeTicker } from '../ticker-words.ts'
import { eventLoopTimers, type Timers } from '../timers.ts'
import { Loop } from './loop.ts'
import { openStandardStreams } from './standard-streams.ts'

const registers = makeRegisters()
const place = openTickerPlace()
place.watch(registers.words)
const garbage = makeGarbageCount()
const loop = new Loop({
  begin: () => garbage.collectIfDue(),
  tidy: () => scheduler.isIdle && program.tidy(),
})
const scheduler = new Scheduler(registers, (run) => loop.later(run))
scheduler.waker = () => wakeTicker(place.control)
const timers: Timers = { after: (ms, run) => eventLoopTimers.after(ms, () => loop.later(run)) }
// No cache of rewritten modules: what is kept there runs in other jails as well, and this one may be anybody's by now.
const program = new Program({ registers, scheduler, timers, noteDiscarded: garbage.note })

serveProgram(
  openStandardStreams(() => loop.wake()),
  program,
)
