// The one table of what a plugin's `host` object offers, in every language. Data only: JavaScript's objects, the areas of the
// other interpreters, type declarations, editor stubs and reference pages are all made from it. A test holds each row
// against the host function that it calls.

import type { JsonValue } from './json-schema.ts'

/**
 * One method of the guest API: `host.<area>.<name>(…positional, options?)`. Names are in snake case, as Lua and Rune
 * spell them; JavaScript spells them in camel case. Fields of an input are spelled alike in every language.
 */
export interface GuestMethod {
  readonly area: string
  readonly name: string
  /** The host function. */
  readonly calls: string
  /** Fields of its input that are given by place; a name that ends in `?` may be left out. */
  readonly positional: readonly string[]
  /** Whether a last argument may bring further fields of the input. */
  readonly options: boolean
  /** Fields of bytes: a text that is given there crosses as its UTF-8, never as base64. */
  readonly bytes?: readonly string[]
  /** Fields that this method has no use for: its types and its description leave them out. */
  readonly without?: readonly string[]
  /** Fields that are always sent, whatever is given. */
  readonly fixed?: Readonly<Record<string, JsonValue>>
  readonly result: GuestResult
}

/**
 * What a method gives back of the output: all of it, nothing, or one member. With `unless`, the result is undefined
 * (nil, None) when that member of the output is false or null.
 */
export type GuestResult = 'whole' | 'nothing' | { readonly field: string; readonly unless?: string }

/** The table, areas together. `log` is not in it: it is on the guest's side, for its arguments are formatted there. */
export const guestApi: readonly GuestMethod[] = [
  {
    area: 'http',
    name: 'request',
    calls: 'http.request',
    positional: [],
    options: true,
    bytes: ['body'],
    result: 'whole',
  },
  {
    area: 'http',
    name: 'get',
    calls: 'http.request',
    positional: ['url'],
    options: true,
    without: ['body', 'text'],
    fixed: { method: 'GET' },
    result: 'whole',
  },
  {
    area: 'http',
    name: 'post',
    calls: 'http.request',
    positional: ['url', 'body?'],
    options: true,
    bytes: ['body'],
    without: ['text'],
    fixed: { method: 'POST' },
    result: 'whole',
  },
  {
    area: 'http',
    name: 'put',
    calls: 'http.request',
    positional: ['url', 'body?'],
    options: true,
    bytes: ['body'],
    without: ['text'],
    fixed: { method: 'PUT' },
    result: 'whole',
  },
  {
    area: 'http',
    name: 'delete',
    calls: 'http.request',
    positional: ['url'],
    options: true,
    without: ['body', 'text'],
    fixed: { method: 'DELETE' },
    result: 'whole',
  },

  {
    area: 'fs',
    name: 'read_text',
    calls: 'fs.read_text',
    positional: ['path'],
    options: false,
    result: { field: 'text' },
  },
  { area: 'fs', name: 'read_bytes', calls: 'fs.read', positional: ['path'], options: false, result: { field: 'data' } },
  {
    area: 'fs',
    name: 'write_text',
    calls: 'fs.write',
    positional: ['path', 'text'],
    options: true,
    without: ['data'],
    result: 'nothing',
  },
  {
    area: 'fs',
    name: 'write_bytes',
    calls: 'fs.write',
    positional: ['path', 'data'],
    options: true,
    bytes: ['data'],
    without: ['text'],
    result: 'nothing',
  },
  { area: 'fs', name: 'list', calls: 'fs.list', positional: ['path'], options: false, result: { field: 'entries' } },
  { area: 'fs', name: 'stat', calls: 'fs.stat', positional: ['path'], options: false, result: 'whole' },
  { area: 'fs', name: 'remove', calls: 'fs.remove', positional: ['path'], options: false, result: 'nothing' },
  { area: 'fs', name: 'make_folder', calls: 'fs.mkdir', positional: ['path'], options: true, result: 'nothing' },
  { area: 'fs', name: 'rename', calls: 'fs.rename', positional: ['from', 'to'], options: true, result: 'nothing' },

  {
    area: 'env',
    name: 'get',
    calls: 'env.get',
    positional: ['name'],
    options: false,
    result: { field: 'value', unless: 'value' },
  },

  {
    area: 'kv',
    name: 'get',
    calls: 'kv.get',
    positional: ['key'],
    options: true,
    result: { field: 'value', unless: 'found' },
  },
  { area: 'kv', name: 'get_entry', calls: 'kv.get', positional: ['key'], options: true, result: 'whole' },
  { area: 'kv', name: 'set', calls: 'kv.set', positional: ['key', 'value'], options: true, result: 'nothing' },
  {
    area: 'kv',
    name: 'set_if_version',
    calls: 'kv.update',
    positional: ['key', 'value', 'ifVersion'],
    options: true,
    result: 'whole',
  },
  {
    area: 'kv',
    name: 'delete',
    calls: 'kv.delete',
    positional: ['key'],
    options: true,
    result: { field: 'deleted' },
  },
  { area: 'kv', name: 'list', calls: 'kv.list', positional: [], options: true, result: 'whole' },
]
