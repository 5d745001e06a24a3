// A plugin whose action is a workflow: two tasks side by side, and one that needs both.

import type { Template } from './template.ts'

/** See the file's head. */
export const workflowTemplate: Template = {
  description: 'Tells of words, in a workflow of three tasks.',
  permissions: [],
  grants: [],
  examples: [
    { action: 'report', input: { words: ['fig', 'banana', 'plum'] }, output: '3 words, the longest is banana' },
    { action: 'report', input: { words: ['plum'] }, output: '1 words, the longest is plum' },
  ],
  sources: {
    lua: `local workflow = require "bulkhead.workflow"

local function count(task)
  return #task.input
end

local function longest(task)
  local found = ""
  for _, word in ipairs(task.input) do
    if #word > #found then
      found = word
    end
  end
  return found
end

local function summary(task)
  return task.results.count .. " words, the longest is " .. task.results.longest
end

local flow = workflow.define {
  name = "report",
  tasks = {
    { name = "count", run = count },
    { name = "longest", run = longest },
    -- It begins when those that it needs are done; what fails is tried again.
    { name = "summary", needs = { "count", "longest" }, run = summary, retry = { attempts = 2 } },
  },
}

local M = {}

---Tells how many words there are, and which is the longest.
---@param words string[]
---@return string
---@risk read-only
function M.report(words)
  local done = flow:run { input = words }
  if not done.ok then
    error("the report failed at " .. done.failed.task)
  end
  return done.results.summary
end

return M
`,
    rune: `use bulkhead::workflow;

async fn count(task) {
    Ok(task.input.len())
}

async fn longest(task) {
    let found = "";
    for word in task.input {
        if word.len() > found.len() {
            found = word;
        }
    }
    Ok(found)
}

async fn summary(task) {
    Ok(\`\${task.results.count} words, the longest is \${task.results.longest}\`)
}

/// Tells how many words there are, and which is the longest.
///
/// @param words string[]
/// @return string
/// @risk read-only
pub async fn report(words) {
    let flow = workflow::define(#{
        name: "report",
        tasks: [
            #{ name: "count", run: count },
            #{ name: "longest", run: longest },
            // It begins when those that it needs are done; what fails is tried again.
            #{ name: "summary", needs: ["count", "longest"], run: summary, retry: #{ attempts: 2 } },
        ],
    })?;
    let done = flow.run(#{ input: words }).await?;
    if !done.ok {
        return Err(\`the report failed at \${done.failed.task}\`);
    }
    Ok(done.results.summary)
}
`,
    javascript: `import { workflow } from '@bulkhead/sdk/std'

const flow = workflow.define({
  name: 'report',
  tasks: [
    { name: 'count', run: ({ input }) => input.length },
    { name: 'longest', run: ({ input }) => input.reduce((found, word) => (word.length > found.length ? word : found), '') },
    {
      // It begins when those that it needs are done; what fails is tried again.
      name: 'summary',
      needs: ['count', 'longest'],
      run: ({ results }) => results.count + ' words, the longest is ' + results.longest,
      retry: { attempts: 2 },
    },
  ],
})

/**
 * Tells how many words there are, and which is the longest.
 *
 * @param {object} input
 * @param {string[]} input.words
 * @returns {Promise<string>}
 * @risk read-only
 */
export async function report({ words }) {
  const done = await flow.run({ input: words })
  if (!done.ok) throw new Error('the report failed at ' + done.failed.task)
  return done.results.summary
}
`,
    typescript: `import { workflow } from '@bulkhead/sdk/std'

const flow = workflow.define({
  name: 'report',
  tasks: [
    { name: 'count', run: ({ input }) => (input as string[]).length },
    {
      name: 'longest',
      run: ({ input }) => (input as string[]).reduce((found, word) => (word.length > found.length ? word : found), ''),
    },
    {
      // It begins when those that it needs are done; what fails is tried again.
      name: 'summary',
      needs: ['count', 'longest'],
      run: ({ results }) => String(results['count']) + ' words, the longest is ' + String(results['longest']),
      retry: { attempts: 2 },
    },
  ],
})

/**
 * Tells how many words there are, and which is the longest.
 *
 * @risk read-only
 */
export async function report({ words }: { words: string[] }): Promise<string> {
  const done = await flow.run({ input: words })
  if (!done.ok) throw new Error('the report failed')
  return String(done.results['summary'])
}
`,
  },
}
