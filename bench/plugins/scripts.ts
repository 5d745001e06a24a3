// The scripts that are measured.

import { asked, hostCallsPerCall } from './asked.ts'

/** Its mark makes it unlike every other one. */
export const echoJavaScript = (mark = ''): string =>
  `${mark === '' ? '' : `// ${mark}\n`}export const echo = (input) => input\n`

/** The same with the SDK. */
export const echoTypeScript = `import { defineAction, definePlugin } from '@bulkhead/sdk'

export default definePlugin({
  name: 'echo',
  version: '1.0.0',
  actions: { echo: defineAction({ description: 'Gives back what it gets.', run: (input: unknown) => input }) },
})
`

/** The same in Lua. */
export const echoLua = (mark = ''): string =>
  `${mark === '' ? '' : `-- ${mark}\n`}function echo(input) return input end\n`

/** The same in Rune. */
export const echoRune = (mark = ''): string => `${mark === '' ? '' : `// ${mark}\n`}pub fn echo(input) { input }\n`

/** Calls host functions. */
export const asksJavaScript = asked
  .map((name) =>
    name === 'wait'
      ? `export const wait = () => host.bench.wait({})\n`
      : `export const ${name} = async () => { for (let i = 0; i < ${hostCallsPerCall}; i++) await host.bench.${name}({}) }\n`,
  )
  .join('')

/** Never ends. All but the first spend their time inside one call of a built-in function. */
export const hostileJavaScript = `export const loop = () => { for (;;); }
export const sort = () => {
  const pair = ['a', 'b'].map((end) => 'x'.repeat(2 ** 20) + end)
  return Array.from({ length: 20000 }, (_, index) => pair[index % 2]).sort().length
}
export const indexOf = () => new Array(2 ** 31).indexOf(1)
export const regexp = () => /^(a+)+$/.test('a'.repeat(60) + 'b')
`

/** The same in Lua: a loop, and built-in functions that do not come back by themselves. */
export const hostileLua = `function loop() while true do end end
function find() return string.find(string.rep('a', 40), string.rep('a*', 40) .. 'b') end
function rep() local text = string.rep('x', 1 << 20) while true do string.rep(text, 8):reverse() end end
function sort()
  local many = {}
  for index = 1, 200000 do many[index] = index end
  while true do table.sort(many, function(a, b) return a > b end) end
end
`

/** The same in Rune. */
export const hostileRune = `pub fn loops() { loop {} }
pub fn count() { (0..).iter().count() }
pub fn sort() {
  let many = (0..200000).iter().collect::<Vec>();
  loop { many.sort_by(|a, b| b.cmp(a)); many.sort(); }
}
`

/** A graph of the size of a large vault, made once, and what is asked of it. Some nodes get most of the edges, as in a vault. */
export const graphJavaScript = `
const nodes = Array.from({ length: 10_000 }, (_, node) => 'folder/note ' + node)
let state = 1
const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
const edges = Array.from({ length: 50_000 }, () => [Math.floor(random() * 10_000), Math.floor(random() ** 2 * 10_000)])
const graph = { nodes, edges }
export const pageRank = async () => (await host.graph.pageRank(graph, { limit: 10 })).length
export const communities = async () => (await host.graph.communities(graph)).communities.length
export const bfs = async () => (await host.graph.bfs(graph, 0, { limit: 100 })).length
export const stats = async () => (await host.graph.stats(graph)).nodes
export const small = async () => (await host.graph.stats({ edges: [['a', 'b']] })).nodes
`

/** Asks a vault. What comes back is counted and, but for what `find` finds, not carried further. */
export const notesJavaScript = `export const nothing = () => null
export const count = async () => (await host.call('notes.status', {})).notes
export const pending = async () => (await host.call('notes.status', {})).pending
export const backlinks = async ([path]) => (await host.call('notes.backlinks', { path })).links.length
export const search = async ([query, mode = 'text']) => (await host.call('notes.search', { query, mode })).hits.length
export const find = async ([query, mode]) =>
  (await host.call('notes.search', { query, mode, limit: 20 })).hits.map(({ path }) => path)
export const graph = async () => (await host.call('notes.graph', {})).edges.length
`
