// What schemas cannot say of the guest API: what an area is for, which capabilities and errors go with it, and a sentence on
// methods whose host function is described with others in mind. Checked against the table and the error table by a test.

import type { ErrorCode } from '../../packages/kernel/src/index.ts'

/** An area, for people. */
export interface AreaProse {
  /** One sentence. */
  readonly about: string
  /** What a call needs, as a manifest and a grant spell it. */
  readonly needs: string
  /** Codes beside those that every host call may fail with. */
  readonly errors: readonly ErrorCode[]
  /** What JavaScript's object does beyond the table. */
  readonly inJavaScript?: string
}

/** Errors of any host call. */
export const errorsOfAnyCall: readonly ErrorCode[] = [
  'capability.denied',
  'input.invalid',
  'input.too-large',
  'input.too-deep',
  'function.unknown',
  'limit.host-calls',
  'limit.host-call-time',
  'limit.rate',
]

/** Areas of the table in the order of the reference. */
export const areaProse: Readonly<Record<string, AreaProse>> = {
  http: {
    about: 'Requests over HTTP and HTTPS. Every hop of a redirect is checked again.',
    needs:
      '`network:<method> <url>`, once more for every redirect; `network.private:<address>` for names that resolve into a private network',
    errors: ['http.failed', 'limit.http-response', 'limit.network', 'limit.network-daily'],
    inJavaScript:
      'In JavaScript a response also has `ok`, `text()` and `json()`, and a body that is neither text nor bytes is sent as JSON with its content type.',
  },
  fs: {
    about: 'Files under the granted roots. Relative paths start at the workspace root.',
    needs:
      '`filesystem.read:<path>` to read, list and stat, `filesystem.write:<path>` for the rest; a rename needs to read and to write what it moves, and to write the place where it goes',
    errors: ['fs.not-found', 'fs.not-regular', 'fs.failed', 'limit.file-size'],
  },
  env: {
    about: 'Environment variables. One that was not granted looks unset.',
    needs: '`env:<name>`; without it the variable looks unset',
    errors: [],
  },
  kv: {
    about: 'Durable JSON values under text keys, in three scopes: the plugin, the workspace, everybody.',
    needs: '`storage`, `storage.workspace` or `storage.global`, as `scope` says',
    errors: ['limit.storage', 'kv.failed'],
  },
  notes: {
    about:
      'A folder of Markdown notes with links between them. Paths are relative to the vault; `.md` may be left out.',
    needs:
      '`notes.read` to read, list, search and follow links, `notes.write` for the rest, either with a folder as its scope: `notes.read:Projects/**`',
    errors: ['notes.not-found', 'notes.conflict', 'notes.failed', 'limit.file-size'],
  },
  graph: {
    about:
      'Algorithms on graphs. A graph crosses once: `{ nodes?, edges: [[from, to, weight?], …], directed? }`, where a node is a name or an index.',
    needs: 'nothing',
    errors: ['graph.cycle', 'limit.time'],
  },
  yaml: { about: 'YAML 1.2, core schema, without tags of its own.', needs: 'nothing', errors: [] },
  csv: { about: 'Comma-separated values (RFC 4180).', needs: 'nothing', errors: [] },
  regex: {
    about: 'Regular expressions that take linear time (RE2 syntax). Positions count Unicode characters from 0.',
    needs: 'nothing',
    errors: [],
  },
  time: {
    about: 'Dates, times, zones and durations. A time is ISO 8601 text, milliseconds since 1970, or what `now` gives.',
    needs: 'nothing',
    errors: [],
  },
}

/** Sentences in place of the host function's own, by `area.method`. */
export const methodProse: Readonly<Record<string, string>> = {
  'http.get': 'Sends a GET request and returns the response.',
  'http.post': 'Sends a POST request and returns the response.',
  'http.put': 'Sends a PUT request and returns the response.',
  'http.delete': 'Sends a DELETE request and returns the response.',
  'fs.write_text':
    'Writes a text as a whole file, in one step that other readers never see half done, or adds it to one.',
  'fs.write_bytes':
    'Writes bytes as a whole file, in one step that other readers never see half done, or adds them to one.',
  'fs.list': 'Lists a folder, sorted by name; at most 10,000 entries.',
  'env.get': 'Reads an environment variable. There is no result when it is not set or not granted.',
  'kv.get': 'Reads a key. There is no result when it is absent.',
  'kv.get_entry': 'Reads a key with its version. Version 0: it is absent, and its value null.',
}
