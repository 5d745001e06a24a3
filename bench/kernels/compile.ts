// Compiles the kernels, which are written in AssemblyScript.

import { readFile } from 'node:fs/promises'
import { kernels } from '../goals.ts'

/** Of the compiler's interface what is used; see below. */
interface Compiler {
  compileString(
    sources: Readonly<Record<string, string>>,
    options: { readonly optimizeLevel: number },
  ): Promise<{
    readonly error: Error | null
    readonly binary: Uint8Array | null
    readonly stderr: { toString(): string }
  }>
}

// Not written as a literal: the package's types declare globals of their own, which would replace Node's everywhere.
const compiler: string = 'assemblyscript/asc'

/** Bytes of a module that exports a function for each kernel. @throws Error when the compiler refuses them */
export const compileKernels = async (): Promise<Uint8Array> => {
  const { default: asc } = (await import(compiler)) as { default: Compiler }
  const texts = await Promise.all(
    ['index', ...kernels].map(async (name) => {
      const text = await readFile(new URL(`./${name}.as`, import.meta.url), 'utf8')
      return [`${name === 'index' ? 'input' : name}.ts`, text] as const
    }),
  )
  const { error, binary, stderr } = await asc.compileString(Object.fromEntries(texts), { optimizeLevel: 3 })
  if (binary === null || error !== null)
    throw new Error(`the kernels do not compile: ${stderr.toString()}`, { cause: error })
  return binary
}
