// A reader of the documentation, for tests: a folder of its own in which the repository's examples lie, files of a page are saved,
// and its commands run with the command line from the sources. What a page promises is for the test to say.

import { spawn } from 'node:child_process'
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compiledSources, repository } from './cli.ts'
import { openTemporaryFolder } from './temporary-folder.ts'

const main = fileURLToPath(new URL('../../packages/bin/src/main.ts', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly text: string
}

/** The blocks of a page of the repository, in their order. */
export const blocksOf = async (page: string): Promise<Block[]> =>
  [...(await readFile(join(repository, page), 'utf8')).matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ([, language = '', text = '']) => ({ language, text }),
  )

// `npx` finds the command in the sources, so that no build is needed and none that is old is tested.
const npx = `#!/bin/sh
tool=$1
shift
case $tool in
  bulkhead) exec '${process.execPath}' --conditions=@bulkhead/source '${main}' "$@" ;;
  node) exec '${process.execPath}' --conditions=@bulkhead/source "$@" ;;
  *) echo "no such tool: $tool" >&2; exit 127 ;;
esac
`

/** How a command ended; `all` is what a terminal shows. */
export interface CommandResult {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly all: string
}

/** See the file's head. */
export interface PageReader extends AsyncDisposable {
  /** The folder in which commands run. */
  readonly work: string
  run(line: string): Promise<CommandResult>
  /** Saves a block under the name that its first line gives, in a comment. @throws Error when it gives none */
  save(text: string): Promise<void>
}

/** Opens the folder; it is removed at the end. */
export const openPageReader = async (): Promise<PageReader> => {
  const temporary = await openTemporaryFolder()
  const folder = temporary.path
  const work = join(folder, 'work')
  for (const name of ['bin', 'work']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'bin', 'npx'), npx)
  await chmod(join(folder, 'bin', 'npx'), 0o755)
  for (const name of ['examples', 'node_modules']) await symlink(join(repository, name), join(work, name))
  return {
    work,
    run: (line) => runLine(line, folder),
    save: async (text) => {
      const name = /^(?:#|\/\/|--) (\S+\.\w+)\n/.exec(text)?.[1]
      if (name === undefined) throw new Error(`a block does not name its file:\n${text}`)
      await mkdir(dirname(join(work, name)), { recursive: true })
      await writeFile(join(work, name), text)
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  }
}

const runLine = async (line: string, folder: string): Promise<CommandResult> => {
  const child = spawn('/bin/sh', ['-c', line], {
    cwd: join(folder, 'work'),
    env: {
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
      HOME: folder,
      BULKHEAD_HOME: join(folder, 'home'),
      ...compiledSources(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  let all = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    all += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    all += text
  })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, out, err, all }
}
