import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'

const watch = () => {
  const trusted: unknown[] = []
  const digest = 'cd'.repeat(32)
  const trustFolder = async (target: { folder: string }) => {
    trusted.push(target)
    return { path: `${target.folder}/.bulkhead`, digest, files: [] }
  }
  return { trusted, digest, library: { over: { trustFolder } } }
}

test('nobody at a terminal: trust needs --yes', async () => {
  const { trusted, library } = watch()
  const result = await runWith(['trust', '--json'], { library })
  expect(result.exitCode).toBe(4)
  expect(result.json()).toMatchObject({
    error: { code: 'trust.required', hint: expect.stringContaining('--yes') as string },
  })
  expect(trusted).toEqual([])
})

test('--yes trusts exactly what was there, silently', async () => {
  const { trusted, digest, library } = watch()
  expect(await runWith(['trust', 'site', '--yes'], { library })).toMatchObject({ exitCode: 0, out: '', err: '' })
  expect(trusted).toEqual([{ home: '/home', folder: '/work-folder/site', expectedDigest: digest }])
})

test('a person sees files and digest and must say yes', async () => {
  for (const [answer, exitCode] of [
    ['y', 0],
    ['', 4],
    ['no', 4],
    [undefined, 4],
  ] as const) {
    const { trusted, digest, library } = watch()
    const result = await runWith(['trust'], { library, io: { tty: true, answers: [answer] } })
    expect(result.exitCode).toBe(exitCode)
    expect(result.err).toContain('plugins/a/plugin.yaml')
    expect(result.err).toContain(digest)
    expect(trusted).toHaveLength(exitCode === 0 ? 1 : 0)
  }
})

test('--list and --remove', async () => {
  const over = {
    listTrusted: async () => [{ path: '/p', digest: 'ef'.repeat(32), at: '2026-01-31T00:00:00.000Z' }],
    untrustFolder: async ({ folder }: { folder: string }) => folder === '/p',
  }
  const listed = await runWith(['trust', '--list'], { library: { over } })
  expect(listed.out).toContain('/p')
  expect(await runWith(['trust', '--remove', '/p'], { library: { over } })).toMatchObject({ exitCode: 0, out: '' })
  expect((await runWith(['trust', '--remove', '/q'], { library: { over } })).exitCode).toBe(2)
  expect((await runWith(['trust', '--remove', '--list'])).exitCode).toBe(2)
})
