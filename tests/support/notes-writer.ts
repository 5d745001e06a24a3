// A process of its own for tests of the vault. `count`: adds one line at a time to a note that others write as well, by version.
// `write`: writes ever larger notes. `rename`: moves a note that many link to from one name to another and back. Each prints what was
// acknowledged, and goes on until it is killed or its turns end.

import { makeNotesFunctions, openVaults } from '@bulkhead/service-notes'
import type { BulkheadError } from '@bulkhead/kernel'
import { openDoor } from './door.ts'

const [home = '', folder = '', what = '', name = '', turns = '1'] = process.argv.slice(2)
await using vaults = openVaults({ home, folder })
const { call } = openDoor({
  functions: makeNotesFunctions(vaults, undefined),
  grants: ['notes.read', 'notes.write'],
  limits: { hostCalls: 1e6 },
})
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const count = async (turn: number): Promise<void> => {
  for (;;) {
    const { content, version } = await call<{ content: string; version: string }>('notes.read', { path: 'Count' })
    try {
      await call('notes.write', { path: 'Count', content: `${content}${name} ${turn}\n`, ifVersion: version })
      return say(String(turn))
    } catch (error) {
      if ((error as BulkheadError).code !== 'notes.conflict') throw error
    }
  }
}

const write = async (turn: number): Promise<void> => {
  const path = `Folder ${turn % 3}/Note ${turn % 20}`
  const { version } = await call<{ version: string }>('notes.write', {
    path,
    content: `turn ${turn}\n${'text '.repeat(200 * (turn % 50))}end ${turn}\n`,
  })
  say(JSON.stringify({ turn, path: `${path}.md`, version }))
}

const rename = async (turn: number): Promise<void> => {
  const [from, to] = turn % 2 === 1 ? ['Hub', 'Deep/Moved hub'] : ['Deep/Moved hub', 'Hub']
  const { path } = await call<{ path: string }>('notes.rename', { from, to })
  say(path)
}

const acts: Readonly<Record<string, (turn: number) => Promise<void>>> = { count, write, rename }
say('ready')
for (let turn = 1; turn <= Number(turns); turn++) await acts[what]?.(turn)
