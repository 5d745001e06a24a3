// How a call of a method is written in each language.

import type { Method } from './method-model.ts'
import { camelCase } from './names.ts'

const given = ({ positional }: Method): string[] =>
  positional.map(({ name, isRequired }) => `${name}${isRequired ? '' : '?'}`)

const mustGive = ({ options }: Method): boolean => options.some(({ isRequired }) => isRequired)

const withOptions = (method: Method): string =>
  [...given(method), ...(method.options.length === 0 ? [] : [`options${mustGive(method) ? '' : '?'}`])].join(', ')

/** `await host.kv.get(key, options?)` */
export const inJavaScript = (method: Method): string =>
  `await host.${method.row.area}.${camelCase(method.row.name)}(${withOptions(method)})`

/** `host.kv.get(key, options?)` */
export const inLua = (method: Method): string => `host.${method.row.area}.${method.row.name}(${withOptions(method)})`

/** `host::kv::get(key)?` and, where there are options, `host::kv::get_with(key, options)?`. */
export const inRune = (method: Method): string[] => {
  const path = `host::${method.row.area}::${method.row.name}`
  const bare = `${path}(${given(method).join(', ')})?`
  const full = `${path}_with(${[...given(method), 'options'].join(', ')})?`
  if (method.options.length === 0) return [bare]
  return mustGive(method) ? [full] : [bare, full]
}
