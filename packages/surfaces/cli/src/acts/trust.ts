// What `bulkhead trust` does: shows what would be trusted before it asks, and trusts only what was shown.

import { resolve } from 'node:path'
import { BulkheadError, escapeLine } from '@bulkhead/host/terms'
import { tableText } from '../output/table.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'
import { usageError } from '../usage.ts'

/** Options of the command line. */
export interface TrustOptions {
  readonly yes?: boolean
  readonly list?: boolean
  readonly remove?: boolean
}

const maxShown = 200

const confirm = async (
  session: Session,
  shown: { path: string; digest: string; files: readonly string[] },
): Promise<void> => {
  const { io, colors } = session
  if (!io.stderr.isTTY || !io.stdin.isTTY) {
    throw new BulkheadError('trust.required', `nobody is at a terminal to confirm trust in ${shown.path}`, {
      hint: 'Read the folder, then pass --yes.',
      details: { path: shown.path, digest: shown.digest, files: shown.files.slice(0, maxShown) },
    })
  }
  const more = shown.files.length > maxShown ? [`  … and ${shown.files.length - maxShown} more`] : []
  const lines = [
    colors.err.bold(escapeLine(shown.path)),
    ...shown.files.slice(0, maxShown).map((file) => `  ${escapeLine(file)}`),
    ...more,
    `${colors.err.dim('digest')} ${shown.digest}`,
    'Its plugins will be listed and can be called; they get no grants. Any change ends the trust.',
  ]
  await io.stderr.write(`${lines.join('\n')}\n`)
  const answer = await io.ask('Trust this folder? [y/N] ', session.signal)
  if (!/^y(?:es)?$/i.test(answer?.trim() ?? '')) {
    throw new BulkheadError('trust.required', `${shown.path} is not trusted: the answer was no`)
  }
}

const listFolders = async (session: Session): Promise<Report> => {
  const folders = await session.library.listTrusted({ home: session.home })
  return {
    json: { folders },
    text:
      folders.length === 0
        ? 'No folder is trusted.\n'
        : await tableText(
            folders,
            [
              { head: 'SINCE', cell: (folder) => folder.at },
              { head: 'DIGEST', cell: (folder) => folder.digest, most: 12 },
              { head: 'FOLDER', cell: (folder) => folder.path, most: 4096 },
            ],
            { colors: session.colors.out },
          ),
  }
}

const removeFolder = async (session: Session, folder: string): Promise<Report> => {
  const removed = await session.library.untrustFolder({ home: session.home, folder })
  if (!removed) throw usageError(`${folder} was not trusted`, 'List what is: bulkhead trust --list.')
  return { json: { removed: folder }, text: '' }
}

const trust = async (session: Session, folder: string, options: TrustOptions): Promise<Report> => {
  const shown = await session.library.previewTrust({ folder })
  if (options.yes !== true) await confirm(session, shown)
  const trusted = await session.library.trustFolder({ home: session.home, folder, expectedDigest: shown.digest })
  return { json: { trusted }, text: '' }
}

/** Lists, ends or gives trust, as the options say. */
export const runTrust = async (session: Session, named: string, options: TrustOptions): Promise<Report> => {
  if (options.list === true && options.remove === true) throw usageError('--list and --remove exclude each other')
  if (options.list === true) return listFolders(session)
  const folder = resolve(session.io.cwd, named)
  return options.remove === true ? removeFolder(session, folder) : trust(session, folder, options)
}
