// Cases of `workflow`.

import type { WorkflowCase, WorkflowWords } from './case.ts'

const done = (attempts = 1) => ({ status: 'done', attempts })
const waiting = { status: 'waiting', attempts: 0 }
const quick = { backoff_ms: 1, jitter: 0 }

const refused = (definition: unknown, code: string, message: string): WorkflowCase => ({
  kind: 'workflow',
  name: `a definition that is refused: ${message}`,
  definition: definition as WorkflowWords,
  expect: { error: { code, message } },
})

/** See the file's head. */
export const workflowCases: readonly WorkflowCase[] = [
  {
    kind: 'workflow',
    name: 'tasks get the input and what those gave that they need',
    definition: {
      name: 'sum',
      tasks: [
        { name: 'total', needs: ['left', 'right'], run: { collect: ['left', 'right'], log: true } },
        { name: 'left', run: { give: 1, log: true } },
        { name: 'right', needs: ['left'], run: { input: true, log: true } },
      ],
    },
    options: { input: { n: 2 } },
    expect: {
      report: {
        ok: true,
        results: { left: 1, right: { n: 2 }, total: [1, { n: 2 }] },
        tasks: { total: done(), left: done(), right: done() },
      },
      log: ['left', 'right', 'total'],
      progress: ['left started', 'left done', 'right started', 'right done', 'total started', 'total done'],
    },
  },
  {
    kind: 'workflow',
    name: 'tasks that need nothing of each other run side by side, up to the limit',
    definition: {
      name: 'parallel',
      tasks: [
        { name: 'a', run: { sleep: 60, give: 'a', log: true } },
        { name: 'b', run: { sleep: 20, give: 'b', log: true } },
        { name: 'c', run: { give: 'c', log: true } },
      ],
    },
    options: { concurrency: 2 },
    expect: {
      progress: ['a started', 'b started', 'b done', 'c started', 'c done', 'a done'],
      log: ['a', 'b', 'c'],
    },
  },
  {
    kind: 'workflow',
    name: 'a task is tried again as often as its rules say',
    definition: {
      name: 'again',
      tasks: [
        { name: 'shaky', retry: { attempts: 3, ...quick }, run: { fail: 'not yet', times: 2, give: 'now', log: true } },
      ],
    },
    expect: {
      report: { ok: true, results: { shaky: 'now' }, tasks: { shaky: done(3) } },
      log: ['shaky', 'shaky', 'shaky'],
      progress: ['shaky started', 'shaky retrying', 'shaky retrying', 'shaky done'],
    },
  },
  {
    kind: 'workflow',
    name: 'when one fails for good no more are begun, and what was done is undone in reverse order',
    definition: {
      name: 'travel',
      tasks: [
        { name: 'flight', run: { give: 'f1' }, compensate: { log: true } },
        { name: 'hotel', needs: ['flight'], run: { give: 'h1' }, compensate: { log: true } },
        { name: 'insurance', needs: ['hotel'], run: { give: 'i1' } },
        { name: 'pay', needs: ['insurance'], retry: { attempts: 2, ...quick }, run: { fail: 'no money' } },
        { name: 'mail', needs: ['pay'], run: { log: true } },
      ],
    },
    expect: {
      report: {
        ok: false,
        failed: 'pay',
        results: { flight: 'f1', hotel: 'h1', insurance: 'i1' },
        tasks: {
          flight: { status: 'compensated', attempts: 1 },
          hotel: { status: 'compensated', attempts: 1 },
          insurance: done(),
          pay: { status: 'failed', attempts: 2, error: { code: 'test', message: 'no money' } },
          mail: waiting,
        },
      },
      log: ['undo hotel h1', 'undo flight f1'],
    },
  },
  {
    kind: 'workflow',
    name: 'a compensation that fails is told, and the others go on',
    definition: {
      name: 'stuck',
      tasks: [
        { name: 'a', run: { give: 1 }, compensate: { log: true } },
        { name: 'b', needs: ['a'], run: { give: 2 }, compensate: { fail: 'cannot' } },
        { name: 'c', needs: ['b'], run: { fail: 'broken' } },
      ],
    },
    expect: {
      report: {
        ok: false,
        failed: 'c',
        results: { a: 1, b: 2 },
        tasks: {
          a: { status: 'compensated', attempts: 1 },
          b: { status: 'compensation-failed', attempts: 1, error: { code: 'test', message: 'cannot' } },
          c: { status: 'failed', attempts: 1, error: { code: 'test', message: 'broken' } },
        },
      },
      log: ['undo a 1'],
    },
  },
  {
    kind: 'workflow',
    name: 'a task that takes longer than its time fails',
    definition: { name: 'slow', tasks: [{ name: 'slow', timeout_ms: 20, run: { sleep: 5000, give: 1 } }] },
    expect: {
      report: {
        ok: false,
        failed: 'slow',
        results: {},
        tasks: {
          slow: {
            status: 'failed',
            attempts: 1,
            error: { code: 'task.timeout', message: 'task slow took longer than 20 ms' },
          },
        },
      },
    },
  },
  {
    kind: 'workflow',
    name: 'a task that is not wanted is left out, and those that need it run',
    definition: {
      name: 'maybe',
      tasks: [
        { name: 'draft', when: 'full', run: { give: 'd' } },
        { name: 'publish', needs: ['draft'], run: { give: 'p', log: true } },
      ],
    },
    options: { input: 'short' },
    expect: {
      report: {
        ok: true,
        results: { publish: 'p' },
        tasks: { draft: { status: 'skipped', attempts: 0 }, publish: done() },
      },
      progress: ['draft skipped', 'publish started', 'publish done'],
    },
  },
  {
    kind: 'workflow',
    name: 'a picture in DOT',
    definition: {
      name: 'a "b"',
      tasks: [
        { name: 'x"', run: {} },
        { name: 'y', needs: ['x"'], run: {} },
      ],
    },
    picture: 'dot',
    expect: {
      text: [
        'digraph "a \\"b\\"" {',
        '  rankdir=LR;',
        '  t0 [label="x\\"", shape=box];',
        '  t1 [label="y", shape=box];',
        '  t0 -> t1;',
        '}',
        '',
      ].join('\n'),
    },
  },
  {
    kind: 'workflow',
    name: 'a picture in Mermaid',
    definition: {
      name: 'a',
      tasks: [
        { name: 'x"]', run: {} },
        { name: 'y', needs: ['x"]'], run: {} },
      ],
    },
    picture: 'mermaid',
    expect: { text: 'flowchart LR\n  t0["x#34;#93;"]\n  t1["y"]\n  t0 --> t1\n' },
  },
  refused(
    {
      name: 'w',
      tasks: [
        { name: 'a', needs: ['c'], run: {} },
        { name: 'b', needs: ['a'], run: {} },
        { name: 'c', needs: ['b'], run: {} },
        { name: 'd', needs: ['a'], run: {} },
      ],
    },
    'workflow.cycle',
    'workflow w: tasks need each other: a → c → b → a',
  ),
  refused(
    { name: 'w', tasks: [{ name: 'a', needs: ['a'], run: {} }] },
    'workflow.cycle',
    'workflow w: tasks need each other: a → a',
  ),
  refused(
    {
      name: 'w',
      tasks: [
        { name: 'a', needs: ['toString'] },
        { name: 'a', run: {}, retry: { attempts: 1000, jitter: 2 } },
      ],
    },
    'workflow.invalid',
    'workflow w: run of a must be a function; there are two tasks a; attempts of a must be a number from 1 to 100; ' +
      'jitter of a must be a number from 0 to 1',
  ),
  refused(
    { name: 'w', tasks: [{ name: 'a', needs: ['toString'], run: {} }] },
    'workflow.invalid',
    'workflow w: task a needs no task: toString',
  ),
  refused({ name: 'w', tasks: [] }, 'workflow.invalid', 'workflow w: there must be 1 to 1000 tasks'),
]
