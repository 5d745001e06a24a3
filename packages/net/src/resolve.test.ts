import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { lookupWithSystem, resolveAndClassify } from './resolve.ts'

const answering = (...addresses: string[]) => ({ lookup: () => Promise.resolve(addresses) })

test('a literal is itself, is not looked up, and guards nothing', async () => {
  const lookup = () => Promise.reject(new Error('must not be asked'))
  for (const host of ['127.0.0.1', '[::1]', '10.1.2.3', '169.254.169.254']) {
    const resolved = await resolveAndClassify(host, { lookup })
    expect(resolved).toMatchObject({ literal: true, guarded: [] })
  }
})

test('a cloud service in public address space is guarded even as a literal', async () => {
  expect((await resolveAndClassify('168.63.129.16')).guarded).toHaveLength(1)
})

test('a name that leads to addresses that are not public guards each of them', async () => {
  const resolved = await resolveAndClassify('api.example.com', answering('8.8.8.8', '10.0.0.1', '::ffff:127.0.0.1'))
  expect(resolved.addresses.map(({ address }) => address)).toEqual(['8.8.8.8', '10.0.0.1', '127.0.0.1'])
  expect(resolved.guarded.map(({ address }) => address)).toEqual(['10.0.0.1', '127.0.0.1'])
})

test('localhost may lead to loopback and nowhere else', async () => {
  expect((await resolveAndClassify('LOCALHOST.', answering('127.0.0.1', '::1'))).guarded).toEqual([])
  expect((await resolveAndClassify('a.localhost', answering('127.0.0.1'))).guarded).toEqual([])
  expect((await resolveAndClassify('localhost', answering('10.0.0.1'))).guarded).toHaveLength(1)
  expect((await resolveAndClassify('notlocalhost', answering('127.0.0.1'))).guarded).toHaveLength(1)
})

test('a name without a usable address fails with its reason', async () => {
  const failing = { lookup: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })) }
  await expect(resolveAndClassify('no.example', failing)).rejects.toMatchObject({
    code: 'http.failed',
    details: { reason: 'ENOTFOUND' },
  })
  await expect(resolveAndClassify('odd.example', answering('not-an-address'))).rejects.toThrow(/ENODATA/)
})

test('an aborted signal ends the wait for a resolver that does not answer', async () => {
  const ended = new AbortController()
  const waiting = resolveAndClassify('slow.example', { lookup: () => new Promise(() => {}), signal: ended.signal })
  ended.abort(new BulkheadError('call.cancelled', 'over'))
  await expect(waiting).rejects.toMatchObject({ code: 'call.cancelled' })
})

test('the system resolver knows this machine', async () => {
  expect(await lookupWithSystem('localhost')).not.toEqual([])
})
