// Keywords for arrays (JSON Schema 2020-12, Core 10.3.1 and Validation 6.4).

import type { Json } from '../json.ts'
import { countBound } from './keywords-scalar.ts'
import type { Keyword } from './node.ts'
import { canonicalText } from './values.ts'

const items: Keyword = (value, context) => {
  if (Array.isArray(value)) context.refuse('items must be one schema; write a list of schemas as prefixItems')
  const node = context.compile(value, ['items'])
  const prefix = context.schema['prefixItems']
  const start = Array.isArray(prefix) ? prefix.length : 0
  return (given, place, run) => {
    if (!Array.isArray(given)) return true
    let fits = true
    for (let key = start; key < given.length; key++) {
      if (!run.apply(node, given[key], { parent: place, key })) fits = false
    }
    return fits
  }
}

const prefixItems: Keyword = (value, context) => {
  if (!Array.isArray(value)) return context.refuse('prefixItems must be a list of schemas')
  const nodes = (value as readonly Json[]).map((schema, index) =>
    context.compile(schema, ['prefixItems', String(index)]),
  )
  return (given, place, run) => {
    if (!Array.isArray(given)) return true
    let fits = true
    for (const [key, node] of nodes.entries()) {
      if (key < given.length && !run.apply(node, given[key], { parent: place, key })) fits = false
    }
    return fits
  }
}

const contains: Keyword = (value, context) => {
  const node = context.compile(value, ['contains'])
  const { minContains, maxContains } = context.schema
  const least = minContains === undefined ? 1 : countBound(minContains, context)
  const most = maxContains === undefined ? Number.POSITIVE_INFINITY : countBound(maxContains, context)
  const words = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`
  return (given, place, run) => {
    if (!Array.isArray(given)) return true
    let count = 0
    for (let key = 0; key < given.length && count <= most; key++) {
      if (run.try(node, given[key], { parent: place, key })) count++
      if (count >= least && most === Number.POSITIVE_INFINITY) return true
    }
    return (count >= least && count <= most) || run.fail(place, `must contain ${words} items of the kind described`)
  }
}

/** Linear: one canonical text for each item, all paid for. */
const uniqueItems: Keyword = (value, context) => {
  if (typeof value !== 'boolean') return context.refuse('uniqueItems must be true or false')
  if (!value) return undefined
  return (given, place, run) => {
    if (!Array.isArray(given)) return true
    const seen = new Set<string>()
    for (let key = 0; key < given.length; key++) {
      const text = canonicalText(given[key], run)
      if (seen.has(text)) return run.fail({ parent: place, key }, 'must not be the same as an item before it')
      seen.add(text)
    }
    return true
  }
}

const size =
  (fits: (count: number, bound: number) => boolean, words: string): Keyword =>
  (value, context) => {
    const bound = countBound(value, context)
    return (given, place, run) =>
      !Array.isArray(given) || fits(given.length, bound) || run.fail(place, `must have ${words} ${bound} items`)
  }

export const arrayKeywords: Readonly<Record<string, Keyword>> = {
  items,
  prefixItems,
  contains,
  uniqueItems,
  minItems: size((count, bound) => count >= bound, 'at least'),
  maxItems: size((count, bound) => count <= bound, 'at most'),
}
