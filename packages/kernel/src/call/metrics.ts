// What is measured about one call.

/** Metrics of one call. Times in ms, sizes in bytes. Absent: not measured by that runtime. */
export interface CallMetrics {
  /** Time to load the plugin, if this call had to; else 0. */
  readonly loadMs: number
  /** Wall time of the call without loading. */
  readonly callMs: number
  readonly cpuMs?: number
  readonly hostCalls: number
  /** Greatest linear memory of the instance. */
  readonly memoryBytes?: number
  readonly fuelUsed?: number
}
