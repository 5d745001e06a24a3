// The classes of attacks in JavaScript.

import type { LanguageAttacks } from './classes.ts'

/** What the host's realm and Node have, and a guest must not. */
const hostNames = "['process', 'require', 'Buffer', 'fetch', 'WebAssembly', 'Worker', 'module', 'Deno', 'Bun']"
const head = `
const hostNames = ${hostNames}
const inRealmOf = (value) => {
  const global = value.constructor.constructor('return globalThis')()
  return hostNames.filter((name) => name in global)
}
`

/** See the file's head. */
export const javaScriptAttacks: LanguageAttacks = {
  entry: 'index.js',
  head,
  action: (name, body) => `export const ${name} = async () => { ${body} }\n`,
  attempts: {
    'constructor chains': {
      functions: {
        reaches: 'return [host.call, host.log.info, host.kv.get, console.log, setTimeout].flatMap(inRealmOf)',
      },
      'a host error': {
        reaches:
          'let error; try { await host.call("no.such", {}) } catch (caught) { error = caught } return inRealmOf(error)',
      },
      'what comes back': { reaches: 'return inRealmOf(await host.text_of_nothing?.() ?? host.config)' },
    },
    'prototypes and metatables': {
      'a setter on Object.prototype': {
        reaches: `const got = []
          for (const name of ['json', 'ok', 'error', 'id', 'then', 'code']) Object.defineProperty(Object.prototype, name, { configurable: true, set(value) { got.push(typeof this) }, get: () => undefined })
          try { await host.call('no.such', {}) } catch (caught) { return inRealmOf(caught) }
          return ['no refusal']`,
      },
      'the host object': {
        reaches: `return ['kv', 'call', 'log'].filter((name) => { try { host[name] = 1; return host[name] === 1 } catch { return false } })`,
      },
    },
    'inspection of errors and stacks': {
      prepareStackTrace: {
        reaches: `let seen = []
          Error.prepareStackTrace = (_error, frames) => { seen = frames.flatMap((frame) => [frame.getThis?.(), frame.getFunction?.()]).filter(Boolean); return '' }
          try { await host.call('no.such', {}) } catch (caught) { void caught.stack }
          return seen.flatMap(inRealmOf)`,
      },
      'paths of the host': {
        reaches: `let stack = ''
          try { await host.call('no.such', {}) } catch (caught) { stack = String(caught.stack) }
          const deep = () => { try { return deep() + 1 } catch (caught) { stack += caught.stack; return 0 } }
          deep()
          return ['/packages/', 'node:', 'node_modules', '/dist/'].filter((part) => stack.includes(part))`,
      },
    },
    iterators: {
      'an iterator that never ends': {
        ends: 'return Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) })',
        codes: ['limit.time', 'limit.memory'],
      },
      'one that is the answer': { ends: 'return { toJSON() { for (;;) {} } }', codes: ['limit.time'] },
      'keys without end': {
        ends: 'for (const _ of { *[Symbol.iterator]() { for (;;) yield 1 } });',
        codes: ['limit.time'],
      },
    },
    'promises and coroutines': {
      'a patched then': {
        reaches: `const got = []
          const { then } = Promise.prototype
          Promise.prototype.then = function (...args) { for (const one of args) if (typeof one === 'function') got.push(...inRealmOf(one)); return Reflect.apply(then, this, args) }
          await host.call('no.such', {}).catch(() => 0)
          return got`,
      },
      'jobs without end': {
        ends: 'const again = () => Promise.resolve().then(again); return again()',
        codes: ['limit.time', 'limit.memory'],
      },
    },
    'dynamic code': {
      Function: {
        reaches: `return [Function, (async () => {}).constructor, (function* () {}).constructor, (async function* () {}).constructor]
          .flatMap((Make) => { try { return hostNames.filter((name) => Make('return typeof ' + name + ' !== "undefined"')() === true) } catch { return [] } })`,
      },
      'eval, directly and not': {
        reaches:
          'return hostNames.filter((name) => (0, eval)("typeof " + name) !== "undefined" || eval("typeof " + name) !== "undefined")',
      },
    },
    'module loaders': {
      'import()': {
        reaches: `const got = []
          const load = new Function('name', 'return import(name)')
          for (const name of ['fs', 'node:fs', 'std', 'os', 'qjs:os', './index.js', '/etc/passwd', 'file:///etc/passwd', 'data:text/javascript,export default 1', 'bulkhead:prelude']) {
            try { await load(name); got.push(name) } catch {}
          }
          return got`,
      },
    },
    bytecode: {
      none: { lacks: 'this interpreter reads and writes no bytecode: std and os are not there, see module loaders' },
    },
    'patterns that explode': {
      'nested repetition': { ends: 'return /^(a+)+$/.test("a".repeat(64) + "!")', codes: ['limit.time'] },
      'back references': {
        ends: 'return /^(?:(a*)(a*)(a*)(a*)\\\\1\\\\2)*b$/.test("a".repeat(4000))'.replaceAll('\\\\\\\\', '\\\\'),
        codes: ['limit.time', 'limit.memory', 'plugin.failed'],
      },
    },
    'repeated texts': {
      repeat: { ends: 'return "x".repeat(2 ** 29).length', codes: ['limit.memory', 'plugin.failed'] },
      padding: {
        ends: 'let text = "x"; for (;;) text = text.padEnd(text.length * 2, text) + text',
        codes: ['limit.memory', 'plugin.failed'],
      },
    },
    'deep recursion': {
      calls: { ends: 'const down = (n) => down(n + 1) + 1; return down(0)', codes: ['limit.stack'] },
      'nested texts of JSON': { ends: 'return JSON.parse("[".repeat(1e6))', codes: ['limit.stack', 'plugin.failed'] },
      'nested patterns': {
        ends: 'return new RegExp("(".repeat(1e5) + ")".repeat(1e5)).test("")',
        codes: ['limit.stack', 'plugin.failed'],
      },
    },
    'native loops': {
      indexOf: { ends: 'return new Array(2 ** 31).indexOf(1)', codes: ['limit.time'] },
      sort: {
        ends: 'const many = Array.from({ length: 3e5 }, (_, at) => at); for (;;) many.sort(() => Math.random() - 0.5)',
        codes: ['limit.time'],
      },
    },
    'allocation bombs': {
      arrays: { ends: 'const all = []; for (;;) all.push(new Array(1000).fill(all))', codes: ['limit.memory'] },
      buffers: {
        ends: 'const all = []; for (;;) all.push(new ArrayBuffer(1 << 20))',
        codes: ['limit.memory', 'plugin.failed'],
      },
      'caught every time': {
        ends: 'const all = []; for (;;) { try { for (;;) all.push(new Uint8Array(1 << 16)) } catch {} }',
        codes: ['limit.time', 'limit.memory'],
      },
    },
    'code that never ends': {
      'a loop': { ends: 'for (;;) {}', codes: ['limit.time'] },
      'one that catches everything': {
        ends: 'for (;;) { try { for (;;) {} } catch {} finally { for (;;) {} } }',
        codes: ['limit.time'],
      },
    },
  },
}
