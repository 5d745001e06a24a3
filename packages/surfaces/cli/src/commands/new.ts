// `bulkhead new`: writes a small plugin that validates and runs, to begin from. Never writes over anything.

import { resolve } from 'node:path'
import { Option } from 'commander'
import { escapeLine } from '@bulkhead/host/terms'
import { describeCommand, wantsJson } from '../describe.ts'
import type { Report } from '../report.ts'
import type { AddCommand, Session } from '../session.ts'
import { exampleCommand, folder, loneFile } from '../templates/files.ts'
import { type TemplateName, templates } from '../templates/index.ts'
import { type TemplateLanguage, templateLanguages } from '../templates/template.ts'
import { usageError } from '../usage.ts'

interface NewOptions {
  readonly language?: TemplateLanguage
  readonly template: TemplateName
  readonly singleFile?: boolean
}

const namePattern = /^[a-z0-9][a-z0-9_-]{0,63}$/
const templateNames = Object.keys(templates) as TemplateName[]
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

const create = async (session: Session, name: string, options: NewOptions): Promise<Report> => {
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

/** Adds `new`. */
export const addNew: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'new', {
    summary: 'write a small plugin to begin from',
    more: 'It validates and runs as it stands. Nothing is ever written over.',
    examples: [
      ['bulkhead new dice --language lua --single-file', 'dice.lua, with its manifest on top'],
      ['bulkhead new tally --language typescript --template state', 'a folder tally, which counts and remembers'],
    ],
  })
  command
    .argument('<name>', 'name of the plugin, and of its folder or file')
    .addOption(
      new Option('-l, --language <language>', 'what it is written in; asked for at a terminal').choices(
        templateLanguages,
      ),
    )
    .addOption(
      new Option('--template <kind>', 'what it shows: an action, a value that is kept, a machine, tasks')
        .choices(templateNames)
        .default('tool'),
    )
    .option('--single-file', 'one script with its manifest on top, instead of a folder')
    .action((name: string, options: NewOptions) => act(wantsJson(command), (session) => create(session, name, options)))
}
