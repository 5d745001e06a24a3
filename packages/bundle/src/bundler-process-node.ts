// esbuild runs as one process for the whole program, and hostile sources can hang it, fill the machine with it or end it:
// deep nesting overflows its stack, and an enum that doubles a text takes gigabytes. So bundles are made one at a time,
// within bounds of time and memory, and after a failure of its own the process is replaced by a fresh one.

import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { type BuildOptions, type BuildResult, build, stop } from 'esbuild'

/** Ends esbuild's process, if it runs; the next bundle starts it anew. */
export const stopBundler = (): Promise<void> => stop()

/** Bounds of one bundle. */
export interface BundlerBounds {
  readonly maxMs: number
  /** Resident memory of esbuild's process; watched where there is a `/proc`. */
  readonly maxMemoryBytes: number
}

/** What a plugin's sources may take. */
export const defaultBounds: BundlerBounds = { maxMs: 20_000, maxMemoryBytes: 1024 * 1024 * 1024 }

/** How often the bounds are looked at. */
const watchMs = 25
const pageBytes = 4096

let bundler: ChildProcess | undefined
const noteProcess = (message: unknown): void => {
  bundler = (message as { process: ChildProcess }).process
}

/** Starts a build. esbuild starts its process in the same turn, if it is not running, and tells nobody its id. */
const startBuild = <Options extends BuildOptions>(options: Options): Promise<BuildResult<Options>> => {
  subscribe('child_process', noteProcess)
  try {
    return build(options as BuildOptions) as Promise<BuildResult<Options>>
  } finally {
    unsubscribe('child_process', noteProcess)
  }
}

let last: Promise<unknown> = Promise.resolve()

/**
 * Bundles when those before are done.
 * @throws BulkheadError `artifact.compile` when the sources take more than the bounds or end the process; esbuild's own
 *   BuildFailure for faults in the sources
 */
export const runBundler = <Options extends BuildOptions>(
  options: Options,
  bounds: BundlerBounds = defaultBounds,
): Promise<BuildResult<Options>> => {
  const result = last.then(() => runAlone(options, bounds))
  last = result.catch(() => undefined)
  return result
}

const runAlone = async <Options extends BuildOptions>(
  options: Options,
  bounds: BundlerBounds,
): Promise<BuildResult<Options>> => {
  const passed = Promise.withResolvers<never>()
  const startedMs = performance.now()
  const watch = setInterval(() => {
    const why = boundPassed(bounds, performance.now() - startedMs)
    if (why !== undefined) passed.reject(new BulkheadError('artifact.compile', `bundling the plugin took ${why}`))
  }, watchMs)
  try {
    // After `stop` an unfinished build never settles, so it is raced and not only ended.
    return await Promise.race([startBuild(options), passed.promise])
  } catch (thrown) {
    if (isBuildFailure(thrown)) throw thrown
    await stop()
    if (thrown instanceof BulkheadError) throw thrown
    throw new BulkheadError('artifact.compile', 'the bundler broke down over the sources of the plugin', {
      hint: 'The sources may be nested too deeply.',
      cause: thrown,
    })
  } finally {
    clearInterval(watch)
  }
}

const boundPassed = ({ maxMs, maxMemoryBytes }: BundlerBounds, tookMs: number): string | undefined => {
  if (tookMs > maxMs) return `more than ${maxMs} ms`
  return residentBytes() > maxMemoryBytes ? `more than ${maxMemoryBytes} bytes of memory` : undefined
}

/** 0 where it cannot be known. Synchronous on purpose: a full queue of file operations must not hold it up. */
const residentBytes = (): number => {
  if (bundler?.pid === undefined || bundler.exitCode !== null) return 0
  try {
    return Number(readFileSync(`/proc/${bundler.pid}/statm`, 'utf8').split(' ')[1]) * pageBytes
  } catch {
    return 0
  }
}

/** Faults in the sources come as a list; what the process itself failed of does not. */
const isBuildFailure = (thrown: unknown): boolean =>
  thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors) && !/service/.test(thrown.message)
