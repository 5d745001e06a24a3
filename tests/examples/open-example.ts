// One of the example scripts in a host, over a copy of the sample vault that goes away with it.

import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHost } from '@bulkhead/host'
import type { HostOptions } from '@bulkhead/host'
import { repository } from '../support/cli.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

/** How it is opened. */
export interface ExampleOptions {
  readonly grants?: readonly string[]
  readonly functions?: HostOptions['functions']
  /** A folder of an earlier one whose state and vault are used again; its owner removes it. */
  readonly folder?: string
}

/** See the file's head. */
export interface OpenedExample extends AsyncDisposable {
  /** Where its state, its vault and its workspace lie. */
  readonly folder: string
  call<T = Record<string, unknown>>(action: string, input: unknown): Promise<T>
  /** Text of a note, or of another file of the vault. */
  read(path: string): Promise<string>
}

/** A folder with a copy of the vault, for several examples that follow one another. */
export const openExampleFolder = async () => {
  const temporary = await openTemporaryFolder()
  await cp(join(repository, 'examples/vault'), join(temporary.path, 'vault'), { recursive: true })
  return temporary
}

/** Opens `examples/scripts/<file>`; it runs in a thread. */
export const openExample = async (
  file: string,
  { grants = [], functions, folder }: ExampleOptions = {},
): Promise<OpenedExample> => {
  await using stack = new AsyncDisposableStack()
  const place = folder ?? stack.use(await openExampleFolder()).path
  const vault = join(place, 'vault')
  await mkdir(join(place, 'home'), { recursive: true, mode: 0o700 })
  const name = file.replace(/\.\w+$/, '')
  const host = stack.use(
    await openHost({
      plugins: [join(repository, 'examples/scripts', file)],
      home: join(place, 'home'),
      workspaceRoot: vault,
      notes: { folder: vault },
      policy: { boundary: 'thread', grants: { [name]: [...grants] } },
      ...(functions === undefined ? {} : { functions }),
    }),
  )
  const owned = stack.move()
  return {
    folder: place,
    call: async <T>(action: string, input: unknown) => (await host.call(name, action, input)) as T,
    read: (path) => readFile(join(vault, path), 'utf8'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
