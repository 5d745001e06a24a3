import { expect, it } from 'vitest'
import { defineAction } from './index.ts'
import { makeFakeContext } from './testing.ts'

it('answers every area from memory and keeps what was done', async () => {
  const action = defineAction({
    input: { type: 'string' },
    uses: ['http', 'fs', 'env', 'kv'],
    run: async (url, { http, fs, env, kv, log, call }) => {
      const page = await http.post(url, { q: 1 })
      await fs.writeText('out/page.json', page.text())
      await kv.set('seen', (await kv.get<number>('seen')) ?? 0)
      log.info('lang', await env.get('LANG'), await env.get('NONE'))
      return [
        page.json(),
        await fs.list('out'),
        (await kv.list({ prefix: 's' })).keys,
        await call('orders.lookup', { id: 1 }),
      ]
    },
  })
  const context = makeFakeContext({
    env: { LANG: 'nb' },
    http: (request) => ({ body: { echo: request.url } }),
    functions: { 'orders.lookup': (input) => ({ found: input }) },
  })
  expect(await action.invoke('https://a.example', context)).toEqual([
    { echo: 'https://a.example' },
    [{ name: 'page.json', kind: 'file' }],
    ['seen'],
    { found: { id: 1 } },
  ])
  expect(context.logged).toEqual([{ level: 'info', message: 'lang nb undefined' }])
  expect(context.calls[0]).toMatchObject({
    name: 'http.request',
    input: { method: 'POST', text: '{"q":1}', headers: { 'content-type': 'application/json' } },
  })
  expect(context.store.get('seen')).toBe(0)
})

it('keeps a store as the host does: counters, several keys at once, versions', async () => {
  const { kv } = makeFakeContext({ store: { a: 1, text: 'x' } })
  expect(await kv.increment('a')).toBe(2)
  expect(await kv.increment('b', -3)).toBe(-3)
  await expect(kv.increment('text')).rejects.toMatchObject({ code: 'input.invalid' })
  const { version } = await kv.getEntry('a')
  expect(
    await kv.setMany([
      { key: 'a', value: 9, ifVersion: version },
      { key: 'c', value: 1 },
    ]),
  ).toMatchObject({ written: true })
  expect(
    await kv.setMany([
      { key: 'c', value: 2 },
      { key: 'a', value: 0, ifVersion: version },
    ]),
  ).toMatchObject({
    written: false,
    conflict: { key: 'a' },
  })
  expect((await kv.getMany(['c', 'none'])).map(({ found, value }) => [found, value])).toEqual([
    [true, 1],
    [false, null],
  ])
  expect((await kv.entries({ prefix: 'a' })).entries).toMatchObject([{ key: 'a', value: 9 }])
})

it('fails as a host does', async () => {
  const context = makeFakeContext()
  await expect(context.fs.readText('none')).rejects.toMatchObject({ name: 'HostError', code: 'fs.not-found' })
  await expect(context.http.get('https://a.example')).rejects.toMatchObject({ code: 'http.failed' })
  await expect(context.call('no.such')).rejects.toMatchObject({ code: 'function.unknown' })
})
