// The packaging check: what each public package would publish has to be complete and importable.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { rootFolder } from './run-tool.js'
import { trackedFiles } from './tracked-files.js'

/** @returns {Promise<string[]>} faults */
export const checkPackages = async () => {
  const faults = []
  for (const path of trackedFiles().filter((file) => /^packages\/.*package\.json$/.test(file))) {
    const folder = dirname(path)
    const manifest = JSON.parse(readFileSync(join(rootFolder, path), 'utf8'))
    if (manifest.private === true) continue
    for (const field of ['name', 'version', 'description', 'license', 'exports', 'files', 'engines'])
      if (manifest[field] === undefined) faults.push(`${path}: has no ${field}`)
    if (!existsSync(join(rootFolder, folder, 'dist'))) {
      faults.push(`${folder}: is not built`)
      continue
    }
    const { messages, pkg } = await publint({
      pkgDir: join(rootFolder, folder),
      level: 'warning',
      strict: true,
      pack: false,
    })
    for (const message of messages) faults.push(`${path}: ${formatMessage(message, pkg, { color: false })}`)
  }
  return faults
}
