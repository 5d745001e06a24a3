// What guest code runs for (a call, or loading), as the scheduler keeps it: its bounds, what it used, and its share of
// the thread's registers while it does not run.

import type { BulkheadError } from '@bulkhead/kernel/wire'
import type { Task } from './driver.ts'

/** Bounds of one task. Times in ms; waiting for a host function counts to none. */
export interface TaskBounds {
  /** Time in which guest code may run on the thread. */
  readonly cpuMs: number
  /** When it must be over, on the thread's clock; paused for others counts, and it moves on while the task waits for the host. */
  readonly wallDeadlineMs: number
  /** Fuel units; absent where fuel is not counted. */
  readonly fuel?: number | undefined
  /** Bytes of garbage-collected objects; absent where modules may have none. */
  readonly allocationBytes?: number | undefined
}

/** Bits of the register `state`; see the meter. */
export const stateBits = { dead: 1, growthRefused: 2, lastingChange: 4 } as const

/** What a task used. */
export interface Usage {
  readonly cpuMs: number
  readonly fuelUsed?: number
}

/** See the file's head. */
export class CellTask implements Task {
  readonly bounds: TaskBounds
  readonly id: number
  ended: BulkheadError | undefined
  /** Guest time so far, without the stretch that is running. */
  cpuMs = 0
  /** On the thread's clock; moves on while the task waits for the host. */
  wallDeadlineMs: number
  /** Registers. */
  state = 0
  fuel: bigint
  allocation: bigint

  constructor(id: number, bounds: TaskBounds) {
    this.id = id
    this.bounds = bounds
    this.wallDeadlineMs = bounds.wallDeadlineMs
    this.fuel = bounds.fuel === undefined ? 0n : BigInt(Math.min(bounds.fuel, Number.MAX_SAFE_INTEGER))
    this.allocation = bounds.allocationBytes === undefined ? 0n : BigInt(bounds.allocationBytes)
  }

  get usage(): Usage {
    const { fuel } = this.bounds
    const cpuMs = Math.round(this.cpuMs * 1000) / 1000
    return fuel === undefined ? { cpuMs } : { cpuMs, fuelUsed: Math.min(fuel, fuel - Number(this.fuel)) }
  }

  /** Ends it, once. */
  end(error: BulkheadError): void {
    this.ended ??= error
    this.state |= stateBits.dead
  }
}
