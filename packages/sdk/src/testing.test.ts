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

it('fails as a host does', async () => {
  const context = makeFakeContext()
  await expect(context.fs.readText('none')).rejects.toMatchObject({ name: 'HostError', code: 'fs.not-found' })
  await expect(context.http.get('https://a.example')).rejects.toMatchObject({ code: 'http.failed' })
  await expect(context.call('no.such')).rejects.toMatchObject({ code: 'function.unknown' })
})
