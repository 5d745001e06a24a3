// Cases of what the host computes: graph, yaml, csv, regex and time.

import { calls, fails, type FunctionCase, gives } from './case.ts'

const diamond = {
  edges: [
    ['a', 'b'],
    ['a', 'c', 3],
    ['b', 'd', 5],
    ['c', 'd', 1],
  ],
}
const circle = {
  nodes: 4,
  edges: [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 3],
  ],
}
const islands = { nodes: ['x', 'y', 'z'], edges: [['x', 'y']], directed: false }
const protoNames = {
  edges: [
    ['__proto__', 'constructor'],
    ['constructor', 'toString'],
  ],
}

const moment = (iso: string, epoch: number, rest: Record<string, number | string>) => ({ iso, epoch, ...rest })
const firstOfJune = moment('2026-06-01T00:00:00.000+02:00', 1_780_264_800_000, {
  zone: 'Europe/Berlin',
  offset: '+02:00',
  year: 2026,
  month: 6,
  day: 1,
  hour: 0,
  minute: 0,
  second: 0,
  millisecond: 0,
  weekday: 1,
  week: 23,
  yearday: 152,
})

/** See the file's head. */
export const computationCases: readonly FunctionCase[] = [
  ...calls('graph', 'bfs', [
    [
      [diamond, 'a'],
      gives([
        { node: 'a', depth: 0, parent: null },
        { node: 'b', depth: 1, parent: 'a' },
        { node: 'c', depth: 1, parent: 'a' },
        { node: 'd', depth: 2, parent: 'b' },
      ]),
    ],
    [[circle, 3], gives([{ node: 3, depth: 0, parent: null }])],
    [
      [protoNames, '__proto__', { depth: 1 }],
      gives([
        { node: '__proto__', depth: 0, parent: null },
        { node: 'constructor', depth: 1, parent: '__proto__' },
      ]),
    ],
    [[diamond, 'e'], fails('input.invalid')],
  ]),
  ...calls('graph', 'dfs', [
    [
      [diamond, 'a', { limit: 3 }],
      gives([
        { node: 'a', depth: 0, parent: null },
        { node: 'b', depth: 1, parent: 'a' },
        { node: 'd', depth: 2, parent: 'b' },
      ]),
    ],
  ]),
  ...calls('graph', 'shortest_path', [
    [[diamond, 'a', 'd'], gives({ found: true, path: ['a', 'c', 'd'], distance: 4 })],
    [[diamond, 'd', 'a'], gives({ found: false, path: [], distance: null })],
  ]),
  ...calls('graph', 'distances', [
    [
      [diamond, 'a', { limit: 2 }],
      gives([
        { node: 'a', distance: 0 },
        { node: 'b', distance: 1 },
      ]),
    ],
  ]),
  ...calls('graph', 'page_rank', [
    [
      [
        {
          nodes: 2,
          edges: [
            [0, 1],
            [1, 0],
          ],
        },
      ],
      gives([
        { node: 0, rank: 0.5 },
        { node: 1, rank: 0.5 },
      ]),
    ],
  ]),
  ...calls('graph', 'components', [
    [[islands], gives([['x', 'y'], ['z']])],
    [[circle, { mode: 'strong' }], gives([[0, 1, 2], [3]])],
  ]),
  ...calls('graph', 'topological_order', [
    [[diamond], gives(['a', 'b', 'c', 'd'])],
    [[circle], fails('graph.cycle', 'the graph has a cycle: 0 → 1 → 2 → 0')],
    [[islands], fails('input.invalid')],
  ]),
  ...calls('graph', 'degrees', [[[circle, { limit: 1 }], gives([{ node: 2, incoming: 1, outgoing: 2, degree: 3 }])]]),
  ...calls('graph', 'stats', [
    [[islands], gives({ nodes: 3, edges: 1, loops: 0, isolated: 1, components: 2, density: 1 / 3 })],
  ]),
  ...calls('yaml', 'parse', [
    [['a: [1, 2.5, true, null, yes]\nb: {c: "x"}\n'], gives({ a: [1, 2.5, true, null, 'yes'], b: { c: 'x' } })],
    [['a: &x [1]\nb: *x\n'], gives({ a: [1], b: [1] })],
    [['a: 1\na: 2\n'], fails('input.invalid')],
    [['a: !!js/function x'], fails('input.invalid')],
    [['a: .inf'], fails('input.invalid')],
  ]),
  ...calls('yaml', 'format', [
    [[{ list: [1, 'x: y'] }], gives('list:\n  - 1\n  - "x: y"\n')],
    [[{ a: { b: 1 } }, { indent: 4 }], gives('a:\n    b: 1\n')],
  ]),
  ...calls('csv', 'parse', [
    [
      ['a,b\n1,"x, ""y"""\n'],
      gives([
        ['a', 'b'],
        ['1', 'x, "y"'],
      ]),
    ],
    [['a;b\r\n1;2', { header: true, delimiter: ';' }], gives([{ a: '1', b: '2' }])],
    [['"a'], fails('input.invalid', 'line 1: a quotation mark is not closed')],
    [['a\n1,2', { header: true }], fails('input.invalid')],
  ]),
  ...calls('csv', 'format', [
    [
      [
        [
          ['a', 1],
          ['x"y', null],
        ],
      ],
      gives('a,1\r\n"x""y",\r\n'),
    ],
    [[[{ a: 1 }, { a: true, b: ' x' }], { newline: '\n', columns: ['b', 'a'] }], gives('b,a\n,1\n" x",true\n')],
  ]),
  ...calls('regex', 'test', [
    [['^\\d+$', '123'], gives(true)],
    [['ABC', 'xabcx', { flags: 'i' }], gives(true)],
    [['(a+)+$', `${'a'.repeat(50)}!`], gives(false)],
    [['(?=a)', 'a'], fails('input.invalid')],
  ]),
  ...calls('regex', 'find', [
    [
      ['(?<year>\\d{4})-(\\d\\d)(x)?', '\u{1f600} 2026-12'],
      gives({ text: '2026-12', from: 2, to: 9, groups: ['2026', '12', null], named: { year: '2026' } }),
    ],
    [['z', 'abc'], gives(null)],
  ]),
  ...calls('regex', 'find_all', [
    [['[ab]', 'äab', { limit: 1 }], gives([{ text: 'a', from: 1, to: 2, groups: [], named: {} }])],
  ]),
  ...calls('regex', 'replace', [
    [['(\\w+) (?P<last>\\w+)', 'Ada Lovelace', '${last}, $1 $$'], gives('Lovelace, Ada $')],
    [['a', 'aaa', 'b', { limit: 2 }], gives('bba')],
    [['a', 'a', '$9'], fails('input.invalid')],
  ]),
  ...calls('regex', 'split', [[['\\s*,\\s*', 'a , b,c'], gives(['a', 'b', 'c'])]]),
  ...calls('time', 'parse', [
    [['2026-06-01', { zone: 'Europe/Berlin' }], gives(firstOfJune)],
    [['1 Jun 2026', { zone: 'Europe/Berlin', format: 'd MMM yyyy' }], gives(firstOfJune)],
    [['2026-02-30'], fails('input.invalid')],
  ]),
  ...calls('time', 'format', [
    [
      ['2026-06-01T10:00Z', "EEE d MMM yyyy 'at' HH:mm xxx", { zone: 'America/New_York' }],
      gives('Mon 1 Jun 2026 at 06:00 -04:00'),
    ],
    [[0], gives('1970-01-01T00:00:00.000+00:00')],
    [[0, 'qq'], fails('input.invalid')],
    [[firstOfJune, 'd MMM HH:mm'], gives('1 Jun 00:00')],
    [[firstOfJune, 'd MMM HH:mm', { zone: 'UTC' }], gives('31 May 22:00')],
    [[{ iso: '2026-06-01T00:00Z' }, 'd MMM'], gives('1 Jun')],
    [[{ epoch: 0 }], fails('input.invalid')],
    [[{ iso: '2026-06-01T00:00Z', zone: 'Nowhere' }], fails('input.invalid')],
  ]),
  ...calls('time', 'start_of', [[['2026-06-30T23:59+02:00', 'month', { zone: 'Europe/Berlin' }], gives(firstOfJune)]]),
  ...calls('time', 'add', [[['2026-05-31T00:00', { days: 1 }, { zone: 'Europe/Berlin' }], gives(firstOfJune)]]),
  ...calls('time', 'diff', [
    [
      ['2026-01-31', '2026-03-01', { largest: 'month', unit: 'day' }],
      gives({
        iso: 'P1M1D',
        years: 0,
        months: 1,
        weeks: 0,
        days: 1,
        hours: 0,
        minutes: 0,
        seconds: 0,
        milliseconds: 0,
        total: 29,
      }),
    ],
  ]),
  ...calls('time', 'zones', [[['Europe/Be'], gives(['Europe/Belgrade', 'Europe/Berlin'])]]),
]
