// Opening a cloned folder must not run, parse or obey anything in it before `bulkhead trust`.

import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test('a project’s plugins are found after trust only, and no longer after any change', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('site/.bulkhead/plugins/greeter.js', 'export const greet = (name) => `Hello ${name}`')
  const options = { ...workspace, cwd: join(workspace.path, 'site') }

  const before = await bulkhead(['list'], options)
  expect(before.out.toString()).not.toContain('greeter')
  expect(before.err).toContain('bulkhead trust')
  expect((await bulkhead(['run', 'greeter', 'greet', '-i', '"Ada"'], options)).code).toBe(2)

  const unasked = await bulkhead(['trust', '--json'], options)
  expect(unasked.json().error.code).toBe('trust.required')
  expect(unasked.code).toBe(4)
  expect(await bulkhead(['trust', '--yes'], options)).toMatchObject({ code: 0, err: '' })

  expect((await bulkhead(['list'], options)).out.toString()).toMatch(/greeter .* project/)
  expect((await bulkhead(['run', 'greeter', 'greet', '-i', '"Ada"'], options)).out.toString()).toBe('Hello Ada\n')

  await workspace.write('site/.bulkhead/plugins/greeter.js', 'export const greet = () => "changed"')
  const changed = await bulkhead(['run', 'greeter', 'greet', '--json'], options)
  expect(changed.json().error).toMatchObject({
    code: 'plugin.unknown',
    hint: expect.stringContaining('bulkhead trust') as string,
  })

  expect((await bulkhead(['trust', '--remove'], options)).code).toBe(0)
  expect((await bulkhead(['trust', '--list', '--json'], options)).json()).toMatchObject({ ok: true, folders: [] })
})

test('a state folder that others can write is refused with the mend', async () => {
  await using workspace = await openWorkspace()
  await chmod(workspace.home, 0o777)
  const result = await bulkhead(['list', '--json'], workspace)
  expect(result.json().error).toMatchObject({
    code: 'home.unsafe',
    hint: expect.stringContaining('chmod 700') as string,
  })
  expect(result.code).toBe(6)
})
