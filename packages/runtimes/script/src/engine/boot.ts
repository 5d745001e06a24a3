// From a fresh instance to the base state: the C library, a runtime, a context, the native functions and the prelude.

import { pluginFileName } from '@bulkhead/bundle/answers'
import type { Awaitable } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { preludeSource } from '../generated/guest.ts'
import { type BasePlaces, type PreludeFunction, preludeFunctions } from './base-places.ts'
import type { Interpreter } from './interpreter.ts'
import { addresses, otherBuild } from './interpreter-build.ts'
import { requireKnownLayout } from './known-layout.ts'
import { nativeFunctions } from './native-functions.ts'

/**
 * Stack of the interpreter: about 830 plain calls. The engine's own stack (984 KiB, V8's for what JSPI enters) fills up at
 * the same time, faster in native functions: with 192 KiB here, generators overflow that one first, where a plugin could
 * not catch the error. Only the parser and JSON, which recurse with next to nothing on this stack, still do.
 */
const maxStackBytes = 144 * 1024
/** Below that bound, for what does not ask: the C library and the interpreter's own leaves. */
const stackMargin = 112 * 1024
const stackTop = addresses.staticEnd + maxStackBytes + stackMargin
const scratchBytes = 4096
const mailboxBytes = 16
/** Flag of `evaluate`: strict mode. */
const strictFlag = 8

/** Boots it. @throws BulkheadError `limit.memory`; `host.internal` for another build than ours */
export const boot = async (interpreter: Interpreter): Promise<BasePlaces> => {
  const { memory } = interpreter
  const run = interpreter.run.bind(interpreter)
  moveHeapDown(interpreter)
  await run('setStackPointer', stackTop)
  await run('construct')
  const runtime = await run('newRuntime')
  await run('setMaxStackSize', runtime, maxStackBytes)
  const context = await run('newContext', runtime, 0)
  const undefinedValue = await run('undefinedValue')
  const scratch = await run('malloc', scratchBytes)
  const jobContext = await run('malloc', 4)
  const argument = await run('malloc', 4)
  const mailbox = await run('malloc', mailboxBytes)
  const fileName = await run('malloc', pluginFileName.length + 1)
  if (fileName === 0) throw new BulkheadError('limit.memory', 'the JavaScript interpreter needs more memory')
  memory.writeText(pluginFileName, fileName)

  const newText = (text: string): Awaitable<number> => {
    memory.writeText(text, scratch)
    return run('newString', context, scratch)
  }
  const natives = await run('newObject', context)
  for (const [index, name] of nativeFunctions.entries()) {
    memory.writeText(name, scratch)
    const native = await run('newFunction', context, scratch, 0, 0, index + 1)
    await run('setProp', context, natives, await newText(name), native)
  }
  const words = await run('newArrayBuffer', context, mailbox, mailboxBytes)

  const codeBytes = Buffer.byteLength(preludeSource)
  const code = await run('malloc', codeBytes + 1)
  memory.writeText(preludeSource, code)
  memory.writeText('bulkhead:prelude', scratch)
  const start = await run('evaluate', context, code, codeBytes, scratch, 0, strictFlag)
  await run('free', code)
  memory.setWord(scratch, natives)
  memory.setWord(scratch + 4, words)
  const made = await run('call', context, start, undefinedValue, 2, scratch)
  const prelude: Partial<Record<PreludeFunction, number>> = {}
  for (const name of preludeFunctions) prelude[name] = await run('getProp', context, made, await newText(name))

  const places: BasePlaces = {
    ...{ runtime, context, stackTop, undefinedValue, scratch, scratchBytes, jobContext, argument, mailbox, fileName },
    bufferClass: memory.objectClass(words),
    prelude: prelude as Record<PreludeFunction, number>,
  }
  await requireKnownLayout(interpreter, { places, words })
  return places
}

/** The build leaves 5 MiB to the stack, which every copy would cost. The heap starts right after the stack that we use. */
const moveHeapDown = ({ memory }: Interpreter): void => {
  if (memory.word(addresses.heapEnd) !== addresses.declaredHeapStart) throw otherBuild('its heap starts elsewhere')
  memory.setWord(addresses.heapEnd, stackTop)
}
