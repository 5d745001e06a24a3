// What is measured about one call.

/** Metrics of one call. Times in ms, sizes in bytes. Absent: not measured by that runtime. */
export interface CallMetrics {
  /** Time to load the plugin, if this call had to; else 0. */
  readonly loadMs: number
  /** Wall time of the call without loading. */
  readonly callMs: number
  /** Time in which the plugin's code ran. */
  readonly cpuMs?: number
  readonly hostCalls: number
  /** Time that the call waited for host functions; where several ran at once, it counts once. Absent: it made no host call. */
  readonly hostCallMs?: number
  /** Greatest linear memory of the instance. */
  readonly memoryBytes?: number
  /** Fuel units; absent where fuel is not counted. */
  readonly fuelUsed?: number
  /** Size of the output. */
  readonly outputBytes?: number
  /** Sent and received by http. */
  readonly networkBytes?: number
  /** Read and written by fs. */
  readonly fileBytes?: number
  /** What the plugin stores after its last write, when the call wrote. */
  readonly storageBytes?: number
}
