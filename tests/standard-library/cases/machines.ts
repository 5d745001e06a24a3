// Cases of `machine`.

import type { MachineCase, MachineWords } from './case.ts'

const door: MachineWords = {
  id: 'door',
  initial: 'closed',
  context: { kicks: 0 },
  transition: { log: 'change' },
  states: {
    closed: {
      entry: { log: 'enter closed' },
      exit: { log: 'leave closed' },
      on: {
        OPEN: 'open',
        KICK: [
          { target: 'broken', guard: { least: ['kicks', 2] } },
          { target: 'closed', action: { add: ['kicks', 1] } },
        ],
        LOCK: { target: 'locked', guard: { data: 'key' }, action: { log: 'click' } },
      },
    },
    open: { entry: { log: 'enter open' }, on: { CLOSE: 'closed' } },
    locked: { on: { UNLOCK: 'closed', JAM: { target: 'broken', action: { fail: 'the lock is stuck' } } } },
    broken: { final: true },
  },
}

const invalid = (definition: unknown, message: string): MachineCase => ({
  kind: 'machine',
  name: `a definition that is refused: ${message}`,
  definition: definition as MachineWords,
  steps: [],
  expect: { error: { code: 'machine.invalid', message } },
})

/** See the file's head. */
export const machineCases: readonly MachineCase[] = [
  {
    kind: 'machine',
    name: 'callbacks run in order: exit, action, entry, and what runs after every change',
    definition: door,
    steps: [{ send: 'OPEN' }, { send: 'CLOSE' }, { send: 'LOCK', data: 'key' }, { read: 'state' }],
    expect: {
      results: [
        { changed: true, state: 'open' },
        { changed: true, state: 'closed' },
        { changed: true, state: 'locked' },
        'locked',
      ],
      log: [
        'enter closed start closed>closed',
        'leave closed OPEN closed>open',
        'enter open OPEN closed>open',
        'change OPEN closed>open',
        'enter closed CLOSE open>closed',
        'change CLOSE open>closed',
        'leave closed LOCK closed>locked',
        'click LOCK closed>locked',
        'change LOCK closed>locked',
      ],
    },
  },
  {
    kind: 'machine',
    name: 'an event that changes nothing says why',
    definition: door,
    steps: [
      { can: 'CLOSE' },
      { send: 'CLOSE' },
      { can: 'LOCK', data: 'pin' },
      { send: 'LOCK', data: 'pin' },
      { can: 'OPEN' },
      { send: 'EXPLODE' },
      { read: 'history' },
    ],
    expect: {
      results: [
        false,
        { changed: false, state: 'closed', reason: 'no-transition' },
        false,
        { changed: false, state: 'closed', reason: 'guard' },
        true,
        { error: { code: 'machine.unknown-event', message: 'machine door: no state knows the event EXPLODE' } },
        [],
      ],
    },
  },
  {
    kind: 'machine',
    name: 'the first transition is taken whose guard agrees, and a final state takes nothing more',
    definition: door,
    steps: [
      { send: 'KICK' },
      { send: 'KICK' },
      { read: 'context' },
      { read: 'done' },
      { send: 'KICK' },
      { read: 'done' },
      { send: 'OPEN' },
      { can: 'KICK' },
      { read: 'history' },
    ],
    expect: {
      results: [
        { changed: true, state: 'closed' },
        { changed: true, state: 'closed' },
        { kicks: 2 },
        false,
        { changed: true, state: 'broken' },
        true,
        { changed: false, state: 'broken', reason: 'final' },
        false,
        [
          { event: 'KICK', from: 'closed', to: 'closed' },
          { event: 'KICK', from: 'closed', to: 'closed' },
          { event: 'KICK', from: 'closed', to: 'broken' },
        ],
      ],
    },
  },
  {
    kind: 'machine',
    name: 'a callback that fails leaves the machine as it was',
    definition: {
      ...door,
      states: {
        ...door.states,
        locked: {
          exit: { add: ['kicks', 10] },
          on: { JAM: { target: 'broken', action: { fail: 'the lock is stuck' } } },
        },
      },
    },
    steps: [
      { send: 'LOCK', data: 'key' },
      { send: 'JAM' },
      { read: 'state' },
      { read: 'context' },
      { read: 'history' },
    ],
    expect: {
      results: [
        { changed: true, state: 'locked' },
        { error: { code: 'test', message: 'the lock is stuck' } },
        'locked',
        { kicks: 0 },
        [{ event: 'LOCK', from: 'closed', to: 'locked' }],
      ],
    },
  },
  {
    kind: 'machine',
    name: 'a machine goes on from what was saved, and not from what was not its own',
    definition: door,
    steps: [
      { send: 'KICK' },
      { save: true },
      { restore: { machine: 'door', state: 'locked', context: { kicks: 1 }, history: [] } },
      { read: 'state' },
      { send: 'UNLOCK' },
      { send: 'KICK' },
      { send: 'KICK' },
      { read: 'state' },
      { restore: { machine: 'window', state: 'closed' } },
      { restore: { state: 'ajar' } },
      { restore: { state: '__proto__' } },
    ],
    expect: {
      results: [
        { changed: true, state: 'closed' },
        {
          machine: 'door',
          state: 'closed',
          context: { kicks: 1 },
          history: [{ event: 'KICK', from: 'closed', to: 'closed' }],
        },
        null,
        'locked',
        { changed: true, state: 'closed' },
        { changed: true, state: 'closed' },
        { changed: true, state: 'broken' },
        'broken',
        { error: { code: 'machine.invalid', message: 'machine door: it was saved by machine window' } },
        { error: { code: 'machine.invalid', message: 'machine door: it was saved in no state of it: ajar' } },
        { error: { code: 'machine.invalid', message: 'machine door: it was saved in no state of it: __proto__' } },
      ],
    },
  },
  {
    kind: 'machine',
    name: 'a kept machine is where the last event left it',
    definition: door,
    steps: [
      { kept: 'door/1', send: 'KICK' },
      { kept: 'door/1', send: 'KICK' },
      { kept: 'door/1', send: 'CLOSE' },
      { kept: 'door/2', send: 'OPEN' },
      { kept: 'door/1', send: 'KICK' },
      { kept: 'door/1', send: 'OPEN' },
    ],
    expect: {
      results: [
        { changed: true, state: 'closed' },
        { changed: true, state: 'closed' },
        { changed: false, state: 'closed', reason: 'no-transition' },
        { changed: true, state: 'open' },
        { changed: true, state: 'broken' },
        { changed: false, state: 'broken', reason: 'final' },
      ],
    },
  },
  {
    kind: 'machine',
    name: 'pictures, in which no name is taken for syntax',
    definition: {
      id: 'a "quoted" \\ name',
      initial: 'b;"]-->',
      states: {
        'b;"]-->': { on: { 'go\nnow': 'a', again: { target: 'b;"]-->', guard: { data: 1 } } } },
        a: { final: true },
        '\u{1f600}': { on: { GO: 'a' } },
        '\uffe5': {},
      },
    },
    steps: [{ picture: 'dot' }, { picture: 'mermaid' }],
    expect: {
      results: [
        [
          'digraph "a \\"quoted\\" \\\\ name" {',
          '  rankdir=LR;',
          '  start [shape=point];',
          '  s0 [label="b;\\"]-->", shape=box, style=rounded];',
          '  s1 [label="a", shape=doublecircle, style=rounded];',
          '  s2 [label="\uffe5", shape=box, style=rounded];',
          '  s3 [label="\u{1f600}", shape=box, style=rounded];',
          '  start -> s0;',
          '  s0 -> s0 [label="again [guarded]"];',
          '  s0 -> s1 [label="go now"];',
          '  s3 -> s1 [label="GO"];',
          '}',
          '',
        ].join('\n'),
        [
          'stateDiagram-v2',
          '  state "b#59;#34;#93;--#62;" as s0',
          '  state "a" as s1',
          '  state "\uffe5" as s2',
          '  state "\u{1f600}" as s3',
          '  [*] --> s0',
          '  s0 --> s0 : again #91;guarded#93;',
          '  s0 --> s1 : go now',
          '  s3 --> s1 : GO',
          '  s1 --> [*]',
          '',
        ].join('\n'),
      ],
    },
  },
  invalid({ id: 'm', initial: 'a' }, 'machine : states is missing'),
  invalid({ id: 'm', initial: 'b', states: { a: {} } }, 'machine m: initial names no state: b'),
  invalid({ id: 'm', initial: 'constructor', states: { a: {} } }, 'machine m: initial names no state: constructor'),
  invalid(
    {
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b', STAY: [] } }, z: { final: true, on: { GO: { target: 'a' } } } },
    },
    'machine m: GO of a leads to no state: b; STAY of a leads nowhere; state z is final and has events',
  ),
]
