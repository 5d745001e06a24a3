// Builds WebAssembly modules from their text form.

import wabt from 'wabt'

/** Assembles WAT with the features that the default engine has on. */
export const assemble = async (source: string): Promise<Uint8Array> => {
  const toolkit = await wabt()
  const parsed = toolkit.parseWat('test.wat', source, {
    bulk_memory: true,
    mutable_globals: true,
    sign_extension: true,
  })
  try {
    return parsed.toBinary({}).buffer
  } finally {
    parsed.destroy()
  }
}
