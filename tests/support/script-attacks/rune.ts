// The classes of attacks in Rune.

import type { LanguageAttacks } from './classes.ts'

const names = '["fs", "process", "http", "io", "time", "rand", "toml", "tokio", "env", "os", "signal"]'

/** See the file's head. */
export const runeAttacks: LanguageAttacks = {
  entry: 'index.rune',
  head: `
fn down(n) { down(n + 1) + 1 }
fn under(n) { [1].iter().map(|x| under(n + 1)).collect::<Vec>() }
fn nested(depth) { let v = []; for _ in 0..depth { v = [v]; } v }
`,
  action: (name, body) => `pub fn ${name}() {\n${body}\n}\n`,
  attempts: {
    'constructor chains': {
      'a value’s type as a way on': {
        reaches: `let t = std::any::Type::of_val(host::log::info); let text = format!("{}", t); if text.contains("packages") { ["type"] } else { [] }`,
      },
    },
    'prototypes and metatables': {
      'the host object': {
        reaches: `let got = []; let refused = host::call("no.such", #{}); if refused.is_ok() { got.push("call"); } got`,
      },
      'fields of a host error': {
        reaches: `let error = match host::call("no.such", #{}) { Err(error) => error, _ => return ["no refusal"] }; let text = error.message + error.code; if text.contains("packages/") || text.contains("node:") { ["host"] } else { [] }`,
      },
    },
    'inspection of errors and stacks': {
      'a formatted error': {
        reaches: `let error = match host::call("no.such", #{}) { Err(error) => error, _ => return ["no refusal"] }; let text = format!("{}", error); let got = []; for part in ["/src/", ".rs:", "node_modules", ".js:"] { if text.contains(part) { got.push(part); } } got`,
      },
    },
    iterators: {
      'count without end': { ends: '(0..).iter().count()', codes: ['limit.time'] },
      'a generator without end': {
        ends: 'let g = (|| { loop { yield 1; } })(); for x in g.iter() { }',
        codes: ['limit.time'],
      },
      'one that changes what it walks': {
        ends: 'let v = [1]; for x in v.iter() { v.push(x); v.push(x); }',
        codes: ['limit.time', 'limit.memory', 'plugin.failed'],
      },
    },
    'promises and coroutines': {
      'futures that wait for each other': {
        ends: 'let all = []; loop { all.push(async { loop {} }); }',
        codes: ['limit.memory', 'limit.time'],
      },
      'a task without end': { ends: 'loop { let g = (|| { yield 1; })(); g.next(); }', codes: ['limit.time'] },
    },
    'dynamic code': {
      none: { lacks: 'the compiler is not in reach of a script: no eval, no load, no macros of its own' },
    },
    'module loaders': {
      'names of native modules': {
        reaches: `let got = []; for name in ${names} { let found = host::call(name, #{}); if found.is_ok() { got.push(name); } } got`,
      },
    },
    bytecode: { none: { lacks: 'units are compiled from the sources in the interpreter and cannot be given' } },
    'patterns that explode': {
      'replace and split': {
        ends: `let t = "x"; for _ in 0..20 { t = t + t; } loop { t.replace("xx", "y"); t.split("x").count(); }`,
        codes: ['limit.time', 'limit.memory'],
      },
    },
    'repeated texts': {
      doubling: { ends: 'let t = "x"; loop { t = t + t; }', codes: ['limit.memory'] },
      'the width of a format': { ends: 'format!("{:>2000000000}", 1).len()', codes: ['limit.memory', 'plugin.failed'] },
    },
    'deep recursion': {
      calls: { ends: 'down(0)', codes: ['limit.stack'] },
      'native calls': { ends: 'under(0)', codes: ['limit.stack'] },
      'a deep value formatted': {
        ends: 'format!("{:?}", nested(300000)).len()',
        codes: ['limit.stack', 'limit.memory', 'plugin.failed'],
      },
      'deep values compared': {
        ends: 'nested(300000) == nested(300000)',
        codes: ['limit.stack', 'limit.memory', 'plugin.failed'],
      },
    },
    'native loops': {
      sort: {
        ends: 'let v = (0..100000).iter().collect::<Vec>(); loop { v.sort_by(|a, b| b.cmp(a)); v.sort(); }',
        codes: ['limit.time'],
      },
      fold: { ends: '(0..9223372036854775807).iter().fold(0, |sum, n| n)', codes: ['limit.time'] },
    },
    'allocation bombs': {
      lists: { ends: 'let all = []; loop { all.push([all.len()]); }', codes: ['limit.memory'] },
      'more at once than there is': {
        ends: 'let v = []; v.resize(1000000000, 1); v.len()',
        codes: ['limit.memory', 'plugin.failed'],
      },
      closures: { ends: 'let all = []; loop { let n = all.len(); all.push(|| n); }', codes: ['limit.memory'] },
    },
    'code that never ends': {
      'a loop': { ends: 'loop {}', codes: ['limit.time'] },
      'one that leaves its results': {
        ends: 'loop { let failed = host::call("no.such", #{}).is_err(); if !failed { break; } }',
        codes: ['limit.time', 'plugin.failed'],
      },
    },
  },
}
