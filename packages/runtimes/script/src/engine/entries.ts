// The ways into the interpreter in which a plugin may run for long. quickjs-emscripten-core offers each as a synchronous
// call, which could not be paused for other plugins; here the same exports are entered through the engine. Everything
// that is short (strings, properties, handles) goes through the library.

import type { Engine, Task, WasmMemory } from '@bulkhead/cell'
import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core'

/** What a call inside the interpreter gave: a value, or what it threw. */
export type Completion =
  | { readonly value: QuickJSHandle; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: QuickJSHandle }

/** The ways in. Each can be paused while it runs. */
export interface Entries {
  /** Evaluates a module. */
  evaluateModule(task: Task, code: string, fileName: string): Promise<Completion>
  /** Calls a function; gives up the arguments. */
  call(task: Task, of: { fn: QuickJSHandle; self: QuickJSHandle }, args: readonly QuickJSHandle[]): Promise<Completion>
  /** Runs pending jobs until there are none, or one throws: answers what it threw. */
  runJobs(task: Task): Promise<QuickJSHandle | undefined>
  /** A handle for a value that is known to be there. */
  handleAt(pointer: number): QuickJSHandle
}

/** Exports of the wasm build, as the glue names them (`QTS_*` of @jitl/quickjs-ffi-types). Pointers are numbers. */
export interface Exports {
  _malloc(bytes: number): number
  _free(pointer: number): void
  _QTS_Eval: unknown
  _QTS_Call: unknown
  _QTS_ExecutePendingJob: unknown
  _QTS_ResolveException(context: number, value: number): number
  _QTS_FreeValuePointer(context: number, value: number): void
}

/** What the library keeps to itself. */
interface Insides {
  readonly ctx: { readonly value: number }
  readonly rt: { readonly value: number }
  getMemory(runtime: number): { heapValueHandle(pointer: number): QuickJSHandle }
}

/** `JS_EVAL_TYPE_MODULE` of quickjs.h. */
const evalTypeModule = 1
const detectNoModule = 0
const allJobs = -1
const pointerBytes = 4

const encoder = new TextEncoder()

/** See the file's head. */
export const makeEntries = (
  engine: Engine,
  { glue, context, memory }: { readonly glue: Exports; readonly context: QuickJSContext; readonly memory: WasmMemory },
): Entries => {
  const insides = context as unknown as Insides
  const ctx = insides.ctx.value
  const handleOf = (pointer: number): QuickJSHandle => insides.getMemory(insides.rt.value).heapValueHandle(pointer)

  /** Bytes in the guest's memory, zero-terminated; the caller has made room. */
  const store = (bytes: Uint8Array): number => {
    const pointer = glue._malloc(bytes.length + 1)
    const view = new Uint8Array(memory.buffer)
    view.set(bytes, pointer)
    view[pointer + bytes.length] = 0
    return pointer
  }
  const storePointers = (pointers: readonly number[]): number => {
    const pointer = glue._malloc(Math.max(pointers.length, 1) * pointerBytes)
    const view = new DataView(memory.buffer)
    for (const [index, value] of pointers.entries()) view.setUint32(pointer + index * pointerBytes, value, true)
    return pointer
  }
  const complete = (result: number): Completion => {
    const error = glue._QTS_ResolveException(ctx, result)
    if (error === 0) return { value: handleOf(result) }
    glue._QTS_FreeValuePointer(ctx, result)
    return { error: handleOf(error) }
  }

  return {
    evaluateModule: async (task, code, fileName) => {
      const bytes = encoder.encode(code)
      const [text, name] = await engine.use(task, () => [store(bytes), store(encoder.encode(fileName))] as const)
      const result = Number(
        await engine.enter(task, glue._QTS_Eval, ctx, text, bytes.length, name, detectNoModule, evalTypeModule),
      )
      return engine.use(task, () => {
        glue._free(text)
        glue._free(name)
        return complete(result)
      })
    },
    call: async (task, { fn, self }, args) => {
      const argv = await engine.use(task, () => storePointers(args.map((handle) => pointerOf(handle))))
      const result = Number(
        await engine.enter(task, glue._QTS_Call, ctx, pointerOf(fn), pointerOf(self), args.length, argv),
      )
      return engine.use(task, () => {
        glue._free(argv)
        for (const handle of args) handle.dispose()
        return complete(result)
      })
    },
    runJobs: (task) => runJobs(task),
    handleAt: handleOf,
  }

  async function runJobs(task: Task): Promise<QuickJSHandle | undefined> {
    const out = await engine.use(task, () => storePointers([0]))
    const result = Number(await engine.enter(task, glue._QTS_ExecutePendingJob, insides.rt.value, allJobs, out))
    return engine.use(task, () => {
      glue._free(out)
      const value = handleOf(result)
      // A number: how many jobs ran. Anything else is what a job threw.
      if (context.typeof(value) !== 'number') return value
      value.dispose()
      return undefined
    })
  }
}

/** Where in the guest's memory a handle's value is. */
export const pointerOf = (handle: QuickJSHandle): number => handle.value as unknown as number
