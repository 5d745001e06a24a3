// Checks on what we depend on: licences of what users get, and a lockfile that holds for every registry.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootFolder } from './run-tool.js'

const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
])

const json = (path) => JSON.parse(readFileSync(join(rootFolder, path), 'utf8'))
const locked = () => Object.entries(json('package-lock.json').packages)

const licenceOf = (path, entry) => {
  if (typeof entry.license === 'string') return entry.license
  const manifest = `${path}/package.json`
  const { license } = existsSync(join(rootFolder, manifest)) ? json(manifest) : {}
  return typeof license === 'object' ? license.type : license
}

/** An SPDX expression of the simple kind: `A`, `A OR B`, `A AND B`, with parentheses. */
const isAllowed = (licence) => {
  if (licence === undefined) return false
  const choices = licence.replace(/[()]/g, '').split(' OR ')
  return choices.some((choice) => choice.split(' AND ').every((one) => allowedLicences.has(one.trim())))
}

/** @returns {string[]} faults */
export const checkLicences = () =>
  locked()
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.dev && !entry.devOptional)
    .map(([path, entry]) => [path, licenceOf(path, entry)])
    .filter(([, licence]) => !isAllowed(licence))
    .map(
      ([path, licence]) =>
        `${path}: licence ${licence ?? 'unknown'} is not on the list of scripts/check/dependencies.js`,
    )

/** @returns {string[]} faults */
export const checkLockfile = () => {
  const faults = []
  const root = json('package.json')
  for (const [path, entry] of locked()) {
    if (entry.link || !path.includes('node_modules/')) continue
    if (entry.resolved !== undefined) faults.push(`${path}: names the place it came from; .npmrc keeps that out`)
    if (entry.version === undefined) faults.push(`${path}: has no version`)
  }
  const own = locked().find(([path]) => path === '')?.[1] ?? {}
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'])
    if (JSON.stringify(own[kind]) !== JSON.stringify(root[kind]))
      faults.push(`package-lock.json is older than the ${kind} of package.json`)
  return faults
}
