// The floors of the house as import rules. Imports go down only, siblings never import each other, a package is entered
// only through its `exports`. The same rules hold for the planted faults under scripts/check/planted, which prove that
// they bite. `npm run check` applies them through scripts/check/floors.js.

/** Floors from the ground up. Each line is one package or one folder of packages, as a pattern below `packages/`. */
const floors = [
  ['kernel', 'meter'],
  ['cell', 'protocols', 'go-plugin', 'net', 'sandbox', 'bundle', 'word-vectors'],
  ['runtimes/[^/]+', 'services/[^/]+'],
  ['host'],
  ['surfaces/[^/]+'],
  ['bin'],
]

/** Packages that stand beside the house: what a plugin imports, and what only tests import. */
const outside = ['sdk', 'testkit']

const root = '^(?:scripts/check/planted/)?packages/'
/** Source that is built into one file and runs inside guests; it may share the SDK's insides. */
const guests = '/(?:bundle|runtimes/[^/]+)/(?:guest|scripts)/'
const tests = String.raw`\.(?:test|test-d|bench)\.ts$`
/** Programs that try a package out; not part of it. */
const fuzzers = `${root}meter/fuzz/`
const within = (patterns) => `${root}(?:${patterns.join('|')})/`
/** Groups `$1`: the folder of the package that the importing file belongs to. */
const anyPackage = '((?:scripts/check/planted/)?packages/(?:(?:runtimes|services|surfaces)/)?[^/]+)/'

const upwards = floors.slice(0, -1).map((floor, level) => ({
  name: `floor-${level}-looks-up`,
  comment: 'Imports go down only: move the shared part to a lower floor, or take it as a port.',
  severity: 'error',
  from: { path: within(floor), pathNot: tests },
  to: { path: within(floors.slice(level + 1).flat()) },
}))

const siblings = floors.map((floor, level) => ({
  name: `floor-${level}-siblings`,
  comment: 'Siblings on a floor never import each other: take a kernel port.',
  severity: 'error',
  from: { path: `^(${root.slice(1)}(?:${floor.join('|')}))/`, pathNot: tests },
  to: { path: within(floor), pathNot: '^$1/' },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...upwards,
    ...siblings,
    {
      name: 'house-looks-outside',
      comment: 'What stands beside the house is for plugins and tests, not for the house.',
      severity: 'error',
      from: { path: within(floors.flat()), pathNot: [tests, guests] },
      to: { path: within(outside) },
    },
    {
      name: 'sdk-is-alone',
      comment: 'The SDK runs inside a guest: it may use @bulkhead/kernel/schema and nothing else.',
      severity: 'error',
      from: { path: within(['sdk']), pathNot: tests },
      to: { pathNot: [within(['sdk']), `${within(['kernel'])}src/schema(?:/|\\.ts$)`] },
    },
    {
      name: 'pure-without-node',
      comment: 'This floor does no I/O: declare a port and let an edge implement it.',
      severity: 'error',
      from: { path: within(['kernel', 'meter', 'sdk']), pathNot: [tests, fuzzers] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'threads-have-one-door',
      comment:
        'Threads are started in cell/src/thread.ts; beside it only the ends of a thread and the ticker may know that it is one.',
      severity: 'error',
      from: {
        path: root,
        pathNot: [
          tests,
          fuzzers,
          `${root}cell/src/(?:thread|thread-entry|ticker|ticker-entry|channel-ring|ring)\\.ts$`,
          `${root}services/kv/src/sqlite-thread\\.ts$`,
          `${root}services/std/src/compute/compute-thread\\.ts$`,
          `${root}services/notes/src/vault-thread\\.ts$`,
        ],
      },
      to: { path: '^(?:node:)?worker_threads$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'package-entered-sideways',
      comment: 'Import a package by its name; its exports are its door.',
      severity: 'error',
      from: { path: `^${anyPackage}`, pathNot: guests },
      to: { path: root, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'unresolvable',
      comment: 'The import leads nowhere, or to something that the package does not export.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'cycle',
      comment: 'Two files that import each other are one idea, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    doNotFollow: { path: '(?:^|/)node_modules/' },
    exclude: { path: '(?:^|/)(?:dist|generated)/' },
    enhancedResolveOptions: {
      conditionNames: ['@bulkhead/source', 'node', 'import', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs'],
    },
  },
}
