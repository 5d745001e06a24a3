// A plugin that keeps something between its calls: a counter in the key-value store.

import type { Template } from './template.ts'

/** See the file's head. */
export const stateTemplate: Template = {
  description: 'Counts, and remembers the count.',
  permissions: ['storage: true'],
  grants: ['storage'],
  examples: [
    { action: 'add', input: { amount: 2 }, output: 2 },
    { action: 'add', input: { amount: 3 }, output: 5 },
    { action: 'count', input: {}, output: 5 },
  ],
  sources: {
    lua: `local M = {}

---Adds to the count and tells what it is then.
---@param amount integer
---@return integer
---@risk write
function M.add(amount)
  -- Others may count at the same time: the change is made again when one of them was faster.
  return host.kv.update("count", function(count)
    return (count or 0) + amount
  end)
end

---Tells the count.
---@return integer
---@risk read-only
function M.count()
  return host.kv.get("count") or 0
end

return M
`,
    rune: `/// Adds to the count and tells what it is then.
///
/// @param amount integer
/// @return integer
/// @risk write
pub fn add(amount) {
    // Others may count at the same time: the change is made again when one of them was faster.
    host::kv::update("count", |count| count.unwrap_or(0) + amount)
}

/// Tells the count.
///
/// @return integer
/// @risk read-only
pub fn count() {
    Ok(host::kv::get("count")?.unwrap_or(0))
}
`,
    javascript: `/**
 * Adds to the count and tells what it is then.
 *
 * @param {object} input
 * @param {integer} input.amount
 * @returns {Promise<integer>}
 * @risk write
 */
export async function add({ amount }) {
  // Others may count at the same time: the change is made again when one of them was faster.
  return host.kv.update('count', (count) => (count ?? 0) + amount)
}

/**
 * Tells the count.
 *
 * @returns {Promise<integer>}
 * @risk read-only
 */
export async function count() {
  return (await host.kv.get('count')) ?? 0
}
`,
    typescript: `/// <reference types="@bulkhead/sdk/globals" />

/**
 * Adds to the count and tells what it is then.
 *
 * @risk write
 */
export async function add({ amount }: { amount: number }): Promise<number> {
  // Others may count at the same time: the change is made again when one of them was faster.
  return (await host.kv.update('count', (count: number | undefined) => (count ?? 0) + amount)) ?? 0
}

/**
 * Tells the count.
 *
 * @risk read-only
 */
export async function count(): Promise<number> {
  return (await host.kv.get<number>('count')) ?? 0
}
`,
  },
}
