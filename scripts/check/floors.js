// The floors check: the import rules of .dependency-cruiser.mjs over the sources, and over planted faults that they
// have to find. A checker that reads nothing passes everything, so the number of modules read is checked as well.

import { readdirSync } from 'node:fs'
import { Visitor } from '@swc/core/Visitor.js'
import { cruise } from 'dependency-cruiser'
import house from '../../.dependency-cruiser.mjs'

const planted = 'scripts/check/planted'

/** Planted file → the rule that has to name it. */
const expected = {
  'kernel/src/looks-up.ts': 'floor-0-looks-up',
  'cell/src/looks-up-for-a-type.ts': 'floor-1-looks-up',
  'net/src/imports-sibling.ts': 'floor-1-siblings',
  'services/fs/src/imports-sibling.ts': 'floor-2-siblings',
  'host/src/imports-outside.ts': 'house-looks-outside',
  'sdk/src/not-alone.ts': 'sdk-is-alone',
  'kernel/src/uses-node.ts': 'pure-without-node',
  'host/src/starts-thread.ts': 'threads-have-one-door',
  'host/src/enters-sideways.ts': 'package-entered-sideways',
  'host/src/not-exported.ts': 'unresolvable',
  'meter/src/cycle-one.ts': 'cycle',
}

// The parser knows `using`, the visitor that collects imports from its tree does not yet, and throws.
const { visitStatement } = Visitor.prototype
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  statement.decls = this.visitVariableDeclarators(statement.decls)
  return statement
}

const apply = async (folders) => {
  const { options, ...ruleSet } = structuredClone(house)
  const { output } = await cruise(folders, { ...options, ruleSet, validate: true })
  return output
}

const sources = () =>
  readdirSync('packages', { recursive: true }).filter(
    (path) => /(?:^|\/)src\/.*\.ts$/.test(path) && !/node_modules|\bdist\b|generated\//.test(path),
  )

/** @returns {Promise<string[]>} faults, one a line */
export const checkFloors = async () => {
  const faults = []
  const { modules, summary } = await apply(['packages'])
  const read = new Set(modules.map(({ source }) => source))
  const unread = sources().filter((path) => !read.has(`packages/${path}`))
  if (sources().length === 0) faults.push('no source file was found under packages/')
  for (const path of unread) faults.push(`packages/${path}: was not read, so nothing is known about its imports`)
  if (
    !modules.some(({ dependencies }) =>
      dependencies.some(({ resolved }) => resolved === 'packages/kernel/src/index.ts'),
    )
  )
    faults.push('no import of @bulkhead/kernel leads to its sources: the rules see nothing between packages')
  for (const { from, to, rule } of summary.violations) {
    const why = house.forbidden.find(({ name }) => name === rule.name)?.comment
    faults.push(`${from} → ${to}: ${rule.name}. ${why}`)
  }

  const found = (await apply([planted])).summary.violations.map(({ from, rule }) => `${rule.name} ${from}`)
  for (const [file, rule] of Object.entries(expected))
    if (!found.includes(`${rule} ${planted}/packages/${file}`))
      faults.push(`the planted fault ${file} was not found by the rule ${rule}`)
  const unproven = house.forbidden.map(({ name }) => name).filter((name) => !Object.values(expected).includes(name))
  for (const rule of unproven.filter((name) => !/^floor-\d-/.test(name)))
    faults.push(`no planted fault proves the rule ${rule}`)
  return faults
}
