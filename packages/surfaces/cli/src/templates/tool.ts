// A plugin that computes: an action with an input of two fields, a result of two, and a failure of its own.

import type { Template } from './template.ts'

/** See the file's head. */
export const toolTemplate: Template = {
  description: 'Greets people.',
  permissions: [],
  grants: [],
  examples: [
    { action: 'greet', input: { name: 'Ada' }, output: { text: 'Hello, Ada!', length: 11 } },
    { action: 'greet', input: { name: 'Bo', times: 2 }, output: { text: 'Hello, Bo! Hello, Bo!', length: 21 } },
  ],
  sources: {
    lua: `local M = {}

---Greets somebody by name.
---@param name string who is greeted
---@param times? integer how often, once when left out
---@return { text: string, length: integer }
---@risk read-only
function M.greet(name, times)
  if name == "" then
    error("nobody to greet")
  end
  local greetings = {}
  for index = 1, times or 1 do
    greetings[index] = "Hello, " .. name .. "!"
  end
  local text = table.concat(greetings, " ")
  return { text = text, length = utf8.len(text) }
end

return M
`,
    rune: `/// Greets somebody by name.
///
/// @param name string who is greeted
/// @param times? integer how often, once when left out
/// @return { text: string, length: integer }
/// @risk read-only
pub fn greet(name, times) {
    if name == "" {
        return Err("nobody to greet");
    }

    let times = match times { () => 1, given => given };
    let text = "";
    let length = 0;

    for index in 0..times {
        if index > 0 {
            text.push_str(" ");
            length += 1;
        }
        text.push_str(\`Hello, \${name}!\`);
        length += 8 + name.chars().count();
    }

    Ok(#{ text, length })
}
`,
    javascript: `/**
 * Greets somebody by name.
 *
 * @param {object} input
 * @param {string} input.name who is greeted
 * @param {integer} [input.times=1] how often
 * @returns {{ text: string, length: integer }}
 * @risk read-only
 */
export function greet({ name, times = 1 }) {
  if (name === '') throw new Error('nobody to greet')
  const text = Array.from({ length: times }, () => 'Hello, ' + name + '!').join(' ')
  return { text, length: [...text].length }
}
`,
    typescript: `interface Greeting {
  /** Who is greeted. */
  name: string
  /** How often, once when left out. */
  times?: number
}

/**
 * Greets somebody by name.
 *
 * @risk read-only
 */
export function greet({ name, times = 1 }: Greeting): { text: string; length: number } {
  if (name === '') throw new Error('nobody to greet')
  const text = Array.from({ length: times }, () => 'Hello, ' + name + '!').join(' ')
  return { text, length: [...text].length }
}
`,
  },
}
