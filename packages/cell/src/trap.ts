// Traps and exceptions of guests as typed errors. Messages carry the guest's own function names and no path of the host.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { isMeterFrame } from '@bulkhead/meter'
import { webAssembly } from './web-assembly.ts'

/** Most guest frames that a message lists. */
const mostFrames = 8

/** The guest's frames of a stack trace, innermost first: function names, or indexes where there are none. */
export const guestFrames = (stack: string | undefined): string[] => {
  const frames: string[] = []
  for (const line of (stack ?? '').split('\n')) {
    const match = /^\s*at (?:(.{1,200}?) \()?wasm:\/\/\S*?:wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/.exec(line)
    if (match === null) continue
    const name = match[1]?.replace(/^[0-9a-f]{8}\.|^wasm-module\./, '')
    if (name !== undefined && isMeterFrame(name)) continue
    frames.push(name === undefined || name === '' ? `function ${match[2]}` : name)
    if (frames.length === mostFrames) break
  }
  return frames
}

/** Makes a BulkheadError of whatever an instance threw; ours pass through. */
export const classifyThrown = (thrown: unknown): BulkheadError => {
  if (thrown instanceof BulkheadError) return thrown
  const message = thrown instanceof Error ? thrown.message : 'something that is not an error'
  const frames = guestFrames(thrown instanceof Error ? thrown.stack : undefined)
  const where = frames.length === 0 ? '' : ` in ${frames.join(' < ')}`
  const details = frames.length === 0 ? {} : { details: { frames } }
  if (thrown instanceof RangeError) {
    if (/call stack/i.test(message)) {
      return new BulkheadError('limit.stack', `the plugin overflowed its stack${where}`, details)
    }
    if (/memory|allocat/i.test(message)) {
      return new BulkheadError('limit.memory', `the plugin needs more memory than there is: ${message}`, details)
    }
  }
  if (webAssembly.SuspendError !== undefined && thrown instanceof webAssembly.SuspendError) {
    return new BulkheadError('plugin.trap', `the plugin made a waiting host call where it cannot wait${where}`, {
      ...details,
      hint: 'Host calls cannot be made from a start section, nor from a guest function that JavaScript calls back.',
    })
  }
  if (thrown instanceof webAssembly.RuntimeError) {
    return new BulkheadError('plugin.trap', `the plugin trapped: ${message}${where}`, details)
  }
  if (thrown instanceof webAssembly.LinkError) {
    return new BulkheadError('artifact.invalid', `the module does not link: ${message}`)
  }
  if (webAssembly.Exception !== undefined && thrown instanceof webAssembly.Exception) {
    return new BulkheadError('plugin.trap', 'the plugin threw an exception that it did not catch')
  }
  return new BulkheadError('plugin.trap', `the plugin failed: ${message}${where}`, details)
}
