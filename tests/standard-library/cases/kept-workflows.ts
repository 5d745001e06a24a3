// Cases of `workflow` whose runs are kept in the store.

import type { WorkflowCase } from './case.ts'

const done = { status: 'done', attempts: 1 }
const waiting = { status: 'waiting', attempts: 0 }

/** See the file's head. */
export const keptWorkflowCases: readonly WorkflowCase[] = [
  {
    kind: 'workflow',
    name: 'a run that is kept is not run twice',
    definition: { name: 'once', tasks: [{ name: 'a', run: { give: 1, log: true } }] },
    options: { key: 'run/once' },
    runs: 2,
    expect: { report: { ok: true, results: { a: 1 }, tasks: { a: done } }, log: ['a'] },
  },
  {
    kind: 'workflow',
    name: 'a run that broke off goes on after the tasks that were done',
    definition: {
      name: 'long',
      tasks: [
        { name: 'a', run: { give: 'anew', log: true } },
        { name: 'b', needs: ['a'], run: { collect: ['a'], log: true } },
        { name: 'c', needs: ['b'], run: { input: true, log: true } },
      ],
    },
    options: { key: 'run/long', input: 'other' },
    kept: {
      workflow: 'long',
      status: 'running',
      input: 'first',
      tasks: { a: { status: 'done', attempts: 1 }, b: waiting, c: waiting },
      results: { a: 'old' },
      order: ['a'],
    },
    expect: {
      report: {
        ok: true,
        results: { a: 'old', b: ['old'], c: 'first' },
        tasks: { a: done, b: done, c: done },
      },
      log: ['b', 'c'],
    },
  },
  {
    kind: 'workflow',
    name: 'so does undoing',
    definition: {
      name: 'back',
      tasks: [
        { name: 'a', run: { give: 1 }, compensate: { log: true } },
        { name: 'b', needs: ['a'], run: { give: 2 }, compensate: { log: true } },
        { name: 'c', needs: ['b'], run: { fail: 'broken' } },
      ],
    },
    options: { key: 'run/back' },
    kept: {
      workflow: 'back',
      status: 'compensating',
      input: null,
      tasks: {
        a: { status: 'done', attempts: 1 },
        b: { status: 'compensated', attempts: 1 },
        c: { status: 'failed', attempts: 1, error: { message: 'broken' } },
      },
      results: { a: 1, b: 2 },
      order: ['a', 'b'],
      failed: 'c',
    },
    runs: 2,
    expect: {
      report: {
        ok: false,
        failed: 'c',
        results: { a: 1, b: 2 },
        tasks: {
          a: { status: 'compensated', attempts: 1 },
          b: { status: 'compensated', attempts: 1 },
          c: { status: 'failed', attempts: 1, error: { message: 'broken' } },
        },
      },
      log: ['undo a 1'],
    },
  },
  {
    kind: 'workflow',
    name: 'what is kept of another workflow is not taken for its own',
    definition: { name: 'mine', tasks: [{ name: 'a', run: { give: 1 } }] },
    options: { key: 'run/mine' },
    kept: { workflow: 'theirs', status: 'running', input: null, tasks: {}, results: {}, order: [] },
    expect: {
      error: {
        code: 'workflow.changed',
        message: 'workflow mine: what run/mine keeps is of another workflow, or of other tasks',
      },
    },
  },
]
