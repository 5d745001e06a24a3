// `bulkhead run` on a script in Rune, as a user starts it.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

const dice = `/// Rolls some dice.
pub fn roll(count, sides) {
    let rolls = [];

    for _ in 0..count {
        rolls.push(host::random::int(1, sides));
    }

    println!("{count} dice");
    #{ rolls }
}

pub fn broken(list) {
    list[3]
}
`

test('a lone .rune file, with its arguments by name', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('dice.rune', dice)
  const result = await bulkhead(['run', file, 'roll', '--input', '{"count":4,"sides":6}', '--json'], workspace)
  expect(result).toMatchObject({ code: 0 })
  const { rolls } = (result.json() as unknown as { output: { rolls: number[] } }).output
  expect(rolls).toHaveLength(4)
  for (const roll of rolls) expect([1, 2, 3, 4, 5, 6]).toContain(roll)
})

test('an error says where it happened, and so does one of the compiler', async () => {
  await using workspace = await openWorkspace()
  const file = await workspace.write('dice.rune', dice)
  const failed = await bulkhead(['run', file, 'broken', '-i', '{"list":[1]}', '--json'], workspace)
  expect(failed.code).toBe(1)
  expect(failed.json().error).toMatchObject({
    code: 'plugin.failed',
    message: expect.stringContaining('dice.rune:14:5') as string,
  })
  const wrong = await workspace.write('wrong.rune', 'pub fn roll( {\n')
  const refused = await bulkhead(['run', wrong, 'roll', '--json'], workspace)
  expect(refused.code).toBe(3)
  expect(refused.json().error).toMatchObject({
    code: 'artifact.compile',
    message: expect.stringContaining('wrong.rune:1') as string,
  })
})
