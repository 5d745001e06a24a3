import { openCells } from '@bulkhead/cell'
import { expect, test } from 'vitest'
import { makeTierRuntimes, type TierPorts } from './tier-runtimes.ts'

const open = () => {
  const cells = openCells()
  const ports = { cells, bundleApart: () => Promise.reject(new Error('nothing is bundled here')) }
  return makeTierRuntimes(ports as Partial<TierPorts> as TierPorts)
}

test('whoever asks at once gets the same runtime', async () => {
  await using runtimes = open()
  const [one, other] = await Promise.all([runtimes.of('wasm'), runtimes.of('wasm')])
  expect(one?.tier).toBe('wasm')
  expect(other).toBe(one)
  expect((await runtimes.of('script'))?.tier).toBe('script')
})

test('a tier that this build lacks has none', async () => {
  await using runtimes = open()
  expect(await runtimes.of('component')).toBeUndefined()
})

test('what is loading when the host closes is closed with it, and nothing is loaded later', async () => {
  const runtimes = open()
  const loading = runtimes.of('script')
  await runtimes[Symbol.asyncDispose]()
  const script = await loading
  await expect(script?.load({} as never, {} as never)).rejects.toThrow(expect.objectContaining({ code: 'host.closed' }))
  await expect(runtimes.of('wasm')).rejects.toThrow(expect.objectContaining({ code: 'host.closed' }))
})
