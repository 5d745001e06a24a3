// What `bulkhead new` does: writes a small plugin that validates and runs, to begin from. Never writes over anything.

import { resolve } from 'node:path'
import { escapeLine } from '@bulkhead/host/terms'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'
import { exampleCommand, folder, loneFile } from '../templates/files.ts'
import { templates } from '../templates/index.ts'
import { type TemplateLanguage, templateLanguages, type TemplateName } from '../templates/template.ts'
import { usageError } from '../usage.ts'

/** Options of the command line. */
export interface NewOptions {
  readonly language?: TemplateLanguage
  readonly template: TemplateName
  readonly singleFile?: boolean
}

const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/
const maxAsked = 3

/** Asks for the language where somebody is at a terminal to answer. */
const chooseLanguage = async ({ io, signal }: Session): Promise<TemplateLanguage> => {
  const choices = templateLanguages.join(', ')
  const missing = () => usageError('the language is missing', `Name one with --language: ${choices}.`)
  if (!io.stdin.isTTY || !io.stderr.isTTY) throw missing()
  for (let asked = 0; asked < maxAsked; asked++) {
    const answer = (await io.ask(`Language (${choices}): `, signal))?.trim().toLowerCase()
    const language = templateLanguages.find((name) => name === answer)
    if (language !== undefined) return language
  }
  throw missing()
}

const writeAll = async ({ io }: Session, path: string, files: readonly (readonly [string, string])[]) => {
  const isFolder = files.some(([file]) => file !== path)
  try {
    // A folder that is there already is somebody's.
    if (isFolder) await io.makeFolder(resolve(io.cwd, path))
    for (const [file, text] of files) await io.createFile(resolve(io.cwd, file), text)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'EEXIST') throw usageError(`${path} is there already`, 'Choose another name, or remove it first.')
    const why = code === 'ENOENT' ? 'the folder around it is missing' : (code ?? String(thrown))
    throw usageError(`${path} cannot be written: ${why}`)
  }
}

/** Writes the plugin. */
export const create = async (session: Session, name: string, options: NewOptions): Promise<Report> => {
  if (!namePattern.test(name)) {
    throw usageError(
      `"${name.slice(0, 100)}" is not a plugin name`,
      'Use lowercase letters, digits, "-" and "_", and begin with a letter or digit.',
    )
  }
  const language = options.language ?? (await chooseLanguage(session))
  const template = templates[options.template]
  const plugin = { name, language, template }
  const { path, files } = options.singleFile === true ? loneFile(plugin) : folder(plugin)
  await writeAll(session, path, files)
  const [example] = template.examples
  const next = [
    `bulkhead validate ./${path}`,
    ...(example === undefined ? [] : [exampleCommand(path, example, template)]),
  ]
  const { err } = session.colors
  return {
    json: { created: { name, path, language, template: options.template, files: files.map(([file]) => file), next } },
    text: files.map(([file]) => `${escapeLine(file)}\n`).join(''),
    notes: ['Try it:', ...next.map((line) => `  ${err.bold(line)}`)],
  }
}
