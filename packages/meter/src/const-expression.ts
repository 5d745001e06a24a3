// Skips a constant expression (WebAssembly core specification, 3.4.13), to find where it ends.

import { feature, invalid } from './fault.ts'
import type { Reader } from './reader.ts'

/** Skips one constant expression with its `end`. @throws ModuleFault for an instruction that is not a constant one */
export const skipConstExpression = (reader: Reader): void => {
  const what = 'a constant expression'
  for (;;) {
    const opcode = reader.byte(what)
    switch (opcode) {
      case 0x0b: // end
        return
      case 0x41: // i32.const
        reader.skipSigned(32, what)
        break
      case 0x42: // i64.const
        reader.skipSigned(64, what)
        break
      case 0x43: // f32.const
        reader.skip(4, what)
        break
      case 0x44: // f64.const
        reader.skip(8, what)
        break
      case 0x23: // global.get
      case 0xd2: // ref.func
        reader.u32(what)
        break
      case 0xd0: // ref.null
        reader.skipSigned(33, what)
        break
      case 0x6a: // i32.add, sub, mul and i64.add, sub, mul (extended constant expressions)
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break
      case 0xfb:
        throw feature('the module uses garbage-collected types (wasm GC) in a constant expression')
      case 0xfd:
        if (reader.u32(what) !== 0x0c) throw invalid(`${what} has a vector instruction that is not a constant`)
        reader.skip(16, what)
        break
      default:
        throw invalid(`${what} has the instruction 0x${opcode.toString(16)}, which is not a constant one`)
    }
  }
}
