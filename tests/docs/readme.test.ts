// Every block of the README, of the quickstart and of the guide to script plugins, as a reader would use it: files are saved under
// the name that their first line gives, commands run in the order of the page. What is skipped says why.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../support/cli.ts'
import { blocksOf, openPageReader } from '../support/page-reader.ts'

/** What a command of a page is to do, where that is more than to exit with 0. */
interface Expected {
  readonly code?: number
  readonly out?: RegExp
  readonly err?: RegExp
  /** Why the command is not run here. */
  readonly skip?: string
}

/** Goes through the page. @returns the commands for which something is expected that the page does not have */
const walk = async (page: string, expected: Readonly<Record<string, Expected>>): Promise<string[]> => {
  await using reader = await openPageReader()
  const left = new Set(Object.keys(expected))
  for (const { language, text } of await blocksOf(page)) {
    // What a command says.
    if (language === 'text') continue
    if (language !== 'sh') {
      await reader.save(text)
      continue
    }
    for (const line of text.trim().split('\n')) {
      const { code = 0, out = /^/, err = /^/, skip } = expected[line] ?? {}
      left.delete(line)
      if (skip !== undefined) continue
      const result = await reader.run(line)
      expect({ line, ...result }).toMatchObject({
        line,
        code,
        out: expect.stringMatching(out) as string,
        err: expect.stringMatching(err) as string,
      })
    }
  }
  return [...left]
}

const install = 'installs the workspace over the network; the commands that follow the installation are checked below'

test('every block of the README does what the page says', async () => {
  const left = await walk('README.md', {
    'npm install && npm run demo': { skip: install },
    'npm install && npm test': { skip: install },
    'npx node program.ts': { out: /slug: 'a-flooded-compartment-never-sinks-the-ship'/ },
    [`npx bulkhead run ./hello.ts greet --input '{"name":"Ada"}'`]: { out: /^Hello, Ada\n$/ },
    [`npx bulkhead run ./examples/text-tools slugify --input '{"text":"Hold fast"}'`]: { out: /"slug": "hold-fast"/ },
    'npx bulkhead show ./examples/http-fetch': { out: /network:GET https:\/\/\*/ },
    'npx bulkhead doctor': { out: /boundary jail {2}a script ran/ },
  })
  expect(left).toEqual([])
})

test('the commands that the README gives after an installation are scripts of the workspace', async () => {
  const { scripts } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  for (const name of ['demo', 'test']) {
    const file = /^node (scripts\/\S+)$/.exec(scripts[name] ?? '')?.[1]
    expect(file, name).toBeDefined()
    await readFile(join(repository, file ?? ''))
  }
})

test('every block of the quickstart does what the page says', async () => {
  const title = `npx bulkhead run ./title.ts title --input '{"url":"https://example.com/"}'`
  const left = await walk('docs/tutorial/quickstart.md', {
    [`npx bulkhead run ./shout.ts shout --input '{"text":"land ahoy"}'`]: { out: /^LAND AHOY!\n$/ },
    [title]: { code: 4, out: /^$/, err: /hint: .*--grant 'network:GET https:\/\/example\.com/ },
    [`${title} --grant 'network:GET https://example.com/*'`]: { skip: 'asks a server on the public internet' },
    'npx bulkhead audit --limit 5': { out: /denied +title/ },
    'npx bulkhead show ./hello': { out: /greet\(\{ name: string \}\)/ },
    [`npx bulkhead run ./hello greet --input '{"name":"Ada"}'`]: { out: /^Hello, Ada\n$/ },
    [`npx bulkhead run ./hello greet --input '{"name":7}'`]: { code: 2, out: /^$/, err: /name: must be a string/ },
    'npx node program.ts': { out: /^Hello, Ada\n$/ },
  })
  expect(left).toEqual([])
})

test('every block of the guide to script plugins does what the page says', { timeout: 120_000 }, async () => {
  const left = await walk('docs/how-to/script-plugin.md', {
    [`npx bulkhead run ./greeter.lua greet --input '{"name":"Ada","times":2}'`]: { out: /"Hello, Ada! Hello, Ada!"/ },
    'npx bulkhead validate ./dice.lua ./adder.rn ./add.js ./add.ts': {
      out: /roll\(\{ count: integer, sides\?: integer \}\) → \[integer\] {2}read-only/,
    },
    [`npx bulkhead run ./dice.lua roll --input '{"cuont":3}'`]: { code: 2, out: /^$/, err: /count: is required/ },
    [`npx bulkhead run ./adder.rn add --input '{"numbers":[1,2]}'`]: { out: /^3\n$/ },
    [`npx bulkhead run ./add.ts add --input '{"numbers":[1,2],"start":3}'`]: { out: /^6\n$/ },
    'npx bulkhead run ./tally.lua count --grant storage': { out: /^1\n$/ },
  })
  expect(left).toEqual([])
})
