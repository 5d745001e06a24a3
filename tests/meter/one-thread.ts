// Plugins of the wasm tier that share one thread, as far as attacks on the thread need them.

import { type CellsOptions, openCells } from '@bulkhead/cell'
import { defaultLimits, type ErrorCode, type Limits, type WasmFeatures } from '@bulkhead/kernel'
import { callPlugin, type CallUnderTest, type OpenPlugin } from '../../packages/runtimes/wasm/fixtures/harness.ts'
import { makeWasmRuntime } from '../../packages/runtimes/wasm/src/index.ts'
import { wat } from './guest.ts'

/** What a plugin is loaded with. */
export interface Loading {
  readonly limits?: Limits
  readonly features?: WasmFeatures
}

/** See the file's head. */
export interface OneThread extends AsyncDisposable {
  /** Loads a plugin of this name. */
  load(name: string, bytes: Uint8Array, options?: Loading): Promise<OpenPlugin>
}

/** One thread with no plugin yet. */
export const openThread = (options: CellsOptions = {}): OneThread => {
  const cells = openCells({ ...options, threads: 1 })
  const runtime = makeWasmRuntime(cells)
  const dispose = async (): Promise<void> => {
    await runtime[Symbol.asyncDispose]()
    await cells[Symbol.asyncDispose]()
  }
  return {
    load: async (name, bytes, { limits = defaultLimits, features } = {}) => {
      const lines: string[] = []
      const plugin = await runtime.load(
        {
          manifest: {
            manifest: 1,
            name,
            version: '1.0.0',
            type: 'tool',
            keywords: [],
            execution: { tier: 'wasm', modules: [], isolation: 'per-call', limits: {} },
            asks: [],
            denies: [],
            actions: {},
            dependencies: {},
            activation: { events: [] },
            lifecycle: { hotReload: false, gracefulShutdownTimeoutMs: 1000 },
          },
          digest: name,
          entry: 'plugin.wasm',
          entryBytes: bytes,
          modules: [],
        },
        {
          boundary: 'thread',
          domain: 'test',
          limits,
          ...(features === undefined ? {} : { features }),
          config: {},
          functions: ['test.call'],
          log: (level, message) => lines.push(`${level} ${message}`),
        },
      )
      return { plugin, runtime, lines, [Symbol.asyncDispose]: () => plugin[Symbol.asyncDispose]() }
    },
    [Symbol.asyncDispose]: dispose,
  }
}

/** How a call ended: the code of its error. @throws Error when it was answered */
export const endingOf = async (running: Promise<unknown>): Promise<ErrorCode | undefined> =>
  running.then(
    () => {
      throw new Error('the call was answered')
    },
    (thrown: { readonly code?: ErrorCode }) => thrown.code,
  )

/** A call with limits of its own. */
export const callWithin = (
  plugin: OpenPlugin,
  action: string,
  { limits, signal, ...spec }: CallUnderTest & { readonly limits?: Partial<Limits>; readonly signal?: AbortSignal },
): Promise<string> =>
  callPlugin(plugin, action, {
    ...spec,
    context: { limits: { ...defaultLimits, ...limits }, ...(signal === undefined ? {} : { signal }) },
  })

/**
 * Runs an action that does not end by itself, and calls another plugin on its thread meanwhile. Answers how it ended once
 * those calls were answered and it was cancelled.
 */
export const runBeside = async (
  hostile: OpenPlugin,
  action: string,
  neighbour: OpenPlugin,
): Promise<ErrorCode | undefined> => {
  const controller = new AbortController()
  const running = endingOf(callWithin(hostile, action, { signal: controller.signal }))
  for (let turn = 0; turn < 3; turn++) {
    await Promise.race([
      callPlugin(neighbour, 'fine'),
      running.then((code) => Promise.reject(new Error(`ended: ${code}`))),
    ])
  }
  controller.abort()
  return running
}

/** A plugin that does nothing, for the thread's sake. */
export const idle = wat('(module (func (export "fine")))')
