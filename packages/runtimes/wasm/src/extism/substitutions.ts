// The functions of `extism:host/env` that move data. PDKs call one for every eight bytes, so a call would cost more than the
// plugin's own work: the meter turns them into accesses of the blocks' memory.

import type { CompileOptions } from '@bulkhead/cell'

type Substitutions = NonNullable<CompileOptions['substitutions']>

const operations = {
  load_u8: 'load-u8',
  load_u64: 'load-u64',
  store_u8: 'store-u8',
  store_u64: 'store-u64',
  input_load_u8: 'input-load-u8',
  input_load_u64: 'input-load-u64',
  input_length: 'input-length',
  input_offset: 'input-offset',
} as const

/** See the file's head. */
export const blockSubstitutions: Substitutions = Object.entries(operations).map(([name, operation]) => ({
  module: 'extism:host/env',
  name,
  operation,
}))
