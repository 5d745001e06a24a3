// Sizes, copies and handles of what crosses into a guest's memory.

import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core'

/** Calls a method of a guest object and gives up the arguments: a kept instance would collect them otherwise. */
export const callGuest = (context: QuickJSContext, of: QuickJSHandle, method: string, args: QuickJSHandle[]) => {
  try {
    return context.callMethod(of, method, args)
  } finally {
    for (const handle of args) handle.dispose()
  }
}

/** Upper bound of what a payload takes in the guest's memory while it is copied in. */
export const payloadSize = (json: string, blobs: readonly Uint8Array[] = []): number =>
  blobs.reduce((sum, blob) => sum + blob.byteLength, json.length * 3)

/** The bytes alone, without the buffer around them. */
export const exactBuffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer
