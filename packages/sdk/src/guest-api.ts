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
  {
    area: 'kv',
    name: 'increment',
    calls: 'kv.increment',
    positional: ['key', 'by?'],
    options: true,
    result: { field: 'value' },
  },
  {
    area: 'kv',
    name: 'get_many',
    calls: 'kv.get_many',
    positional: ['keys'],
    options: true,
    result: { field: 'entries' },
  },
  { area: 'kv', name: 'set_many', calls: 'kv.set_many', positional: ['entries'], options: true, result: 'whole' },
  { area: 'kv', name: 'list', calls: 'kv.list', positional: [], options: true, result: 'whole' },
  { area: 'kv', name: 'entries', calls: 'kv.entries', positional: [], options: true, result: 'whole' },

  { area: 'notes', name: 'read', calls: 'notes.read', positional: ['path'], options: false, result: 'whole' },
  { area: 'notes', name: 'list', calls: 'notes.list', positional: ['folder?'], options: true, result: 'whole' },
  {
    area: 'notes',
    name: 'search',
    calls: 'notes.search',
    positional: ['query'],
    options: true,
    result: { field: 'hits' },
  },
  {
    area: 'notes',
    name: 'backlinks',
    calls: 'notes.backlinks',
    positional: ['path'],
    options: true,
    result: { field: 'links' },
  },
  {
    area: 'notes',
    name: 'forward_links',
    calls: 'notes.forward_links',
    positional: ['path'],
    options: false,
    result: { field: 'links' },
  },
  {
    area: 'notes',
    name: 'unresolved',
    calls: 'notes.unresolved',
    positional: [],
    options: true,
    result: { field: 'links' },
  },
  { area: 'notes', name: 'tags', calls: 'notes.tags', positional: [], options: true, result: { field: 'tags' } },
  {
    area: 'notes',
    name: 'traverse',
    calls: 'notes.traverse',
    positional: ['start'],
    options: true,
    result: { field: 'notes' },
  },
  { area: 'notes', name: 'graph', calls: 'notes.graph', positional: [], options: true, result: 'whole' },
  {
    area: 'notes',
    name: 'resolve',
    calls: 'notes.resolve',
    positional: ['link', 'from?'],
    options: false,
    result: { field: 'path', unless: 'path' },
  },
  { area: 'notes', name: 'status', calls: 'notes.status', positional: [], options: false, result: 'whole' },
  {
    area: 'notes',
    name: 'write',
    calls: 'notes.write',
    positional: ['path', 'content'],
    options: true,
    result: 'whole',
  },
  {
    area: 'notes',
    name: 'create',
    calls: 'notes.create',
    positional: ['path', 'content?'],
    options: true,
    result: 'whole',
  },
  {
    area: 'notes',
    name: 'append',
    calls: 'notes.append',
    positional: ['path', 'content'],
    options: true,
    result: 'whole',
  },
  {
    area: 'notes',
    name: 'edit',
    calls: 'notes.edit',
    positional: ['path', 'find', 'replace'],
    options: true,
    result: 'whole',
  },
  { area: 'notes', name: 'rename', calls: 'notes.rename', positional: ['from', 'to'], options: true, result: 'whole' },
  { area: 'notes', name: 'delete', calls: 'notes.delete', positional: ['path'], options: true, result: 'whole' },

  {
    area: 'graph',
    name: 'bfs',
    calls: 'graph.bfs',
    positional: ['graph', 'start'],
    options: true,
    result: { field: 'visited' },
  },
  {
    area: 'graph',
    name: 'dfs',
    calls: 'graph.dfs',
    positional: ['graph', 'start'],
    options: true,
    result: { field: 'visited' },
  },
  {
    area: 'graph',
    name: 'shortest_path',
    calls: 'graph.shortest_path',
    positional: ['graph', 'from', 'to'],
    options: false,
    result: 'whole',
  },
  {
    area: 'graph',
    name: 'distances',
    calls: 'graph.distances',
    positional: ['graph', 'from'],
    options: true,
    result: { field: 'distances' },
  },
  {
    area: 'graph',
    name: 'page_rank',
    calls: 'graph.page_rank',
    positional: ['graph'],
    options: true,
    result: { field: 'ranks' },
  },
  {
    area: 'graph',
    name: 'communities',
    calls: 'graph.communities',
    positional: ['graph'],
    options: true,
    result: 'whole',
  },
  {
    area: 'graph',
    name: 'components',
    calls: 'graph.components',
    positional: ['graph'],
    options: true,
    result: { field: 'components' },
  },
  {
    area: 'graph',
    name: 'topological_order',
    calls: 'graph.topological_order',
    positional: ['graph'],
    options: false,
    result: { field: 'order' },
  },
  {
    area: 'graph',
    name: 'degrees',
    calls: 'graph.degrees',
    positional: ['graph'],
    options: true,
    result: { field: 'degrees' },
  },
  { area: 'graph', name: 'stats', calls: 'graph.stats', positional: ['graph'], options: false, result: 'whole' },

  {
    area: 'yaml',
    name: 'parse',
    calls: 'yaml.parse',
    positional: ['text'],
    options: false,
    result: { field: 'value' },
  },
  {
    area: 'yaml',
    name: 'format',
    calls: 'yaml.format',
    positional: ['value'],
    options: true,
    result: { field: 'text' },
  },

  { area: 'csv', name: 'parse', calls: 'csv.parse', positional: ['text'], options: true, result: { field: 'rows' } },
  { area: 'csv', name: 'format', calls: 'csv.format', positional: ['rows'], options: true, result: { field: 'text' } },

  {
    area: 'regex',
    name: 'test',
    calls: 'regex.test',
    positional: ['pattern', 'text'],
    options: true,
    result: { field: 'matches' },
  },
  {
    area: 'regex',
    name: 'find',
    calls: 'regex.match',
    positional: ['pattern', 'text'],
    options: true,
    result: { field: 'match', unless: 'found' },
  },
  {
    area: 'regex',
    name: 'find_all',
    calls: 'regex.match_all',
    positional: ['pattern', 'text'],
    options: true,
    result: { field: 'matches' },
  },
  {
    area: 'regex',
    name: 'replace',
    calls: 'regex.replace',
    positional: ['pattern', 'text', 'replacement'],
    options: true,
    result: { field: 'text' },
  },
  {
    area: 'regex',
    name: 'split',
    calls: 'regex.split',
    positional: ['pattern', 'text'],
    options: true,
    result: { field: 'parts' },
  },

  { area: 'time', name: 'now', calls: 'time.now', positional: ['zone?'], options: false, result: 'whole' },
  { area: 'time', name: 'parse', calls: 'time.parse', positional: ['text'], options: true, result: 'whole' },
  {
    area: 'time',
    name: 'format',
    calls: 'time.format',
    positional: ['time', 'format?'],
    options: true,
    result: { field: 'text' },
  },
  { area: 'time', name: 'add', calls: 'time.add', positional: ['time', 'duration'], options: true, result: 'whole' },
  { area: 'time', name: 'diff', calls: 'time.diff', positional: ['from', 'to'], options: true, result: 'whole' },
  {
    area: 'time',
    name: 'start_of',
    calls: 'time.start_of',
    positional: ['time', 'unit'],
    options: true,
    result: 'whole',
  },
  { area: 'time', name: 'end_of', calls: 'time.end_of', positional: ['time', 'unit'], options: true, result: 'whole' },
  {
    area: 'time',
    name: 'zones',
    calls: 'time.zones',
    positional: ['prefix?'],
    options: false,
    result: { field: 'zones' },
  },
]
