// A plugin that shows what a caller can see of one. process-typescript.test.ts runs every export in both tiers.

interface Sum {
  readonly a: number
}
interface Answer {
  readonly got: { readonly id: number }
}

declare const host: {
  readonly kv: { get(key: string): Promise<unknown>; set(key: string, value: unknown): Promise<void> }
  readonly fs: { readText(path: string): Promise<string> }
  readonly orders: Readonly<Record<string, (input: unknown) => Promise<Answer>>>
  readonly log: { warn(...values: unknown[]): void }
  call(name: string, input?: unknown): Promise<unknown>
}

type Facts = Readonly<Record<string, unknown>>

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const check = (sum: Sum | null): void => {
  throw new TypeError('bad ' + (sum?.a ?? 'none'))
}

let kept = 0

export const echo = (value: unknown) => value
export const bytes = (value: unknown) => [value instanceof Uint8Array, value]
export const odd = () => ({
  missing: undefined,
  date: new Date(0),
  number: Number.NaN,
  run: () => 1,
  map: new Map([[1, 2]]),
  bytes: new Uint8Array([1, 2]),
  buffer: new Uint8Array([3]).buffer,
  part: new Uint8Array([1, 2, 3]).subarray(1, 2),
  $bytes: { $bytes: 'AA==' },
})
export const nothing = () => undefined
export const tooBig = () => 1n
export const count = () => ++kept
export const fail = (sum: Sum | null) => check(sum)
export const failLater = async (sum: Sum | null) => {
  await pause(1)
  check(sum)
}
export const failWithCode = () => {
  throw Object.assign(new Error('no rum'), { code: 'rum', details: { left: 0 } })
}
export const throwText = () => {
  // oxlint-disable-next-line no-throw-literal
  throw 'text'
}
export const throwNull = () => {
  // oxlint-disable-next-line no-throw-literal
  throw null
}
export const stuck = () => new Promise(() => {})
export const recurse = (): number => 1 + recurse()

export const denied = () => host.fs.readText('x')
export const deniedAndCaught = async () => {
  try {
    return await host.fs.readText('x')
  } catch (thrown) {
    const { name, code, message, hint, id } = thrown as Facts
    return [name, code, message, hint, thrown instanceof Error, Object.keys(thrown as object), typeof id]
  }
}
/** Looks like the host's error, and is not. */
export const disguised = async () => {
  try {
    return await host.fs.readText('x')
  } catch (thrown) {
    const { code, id } = thrown as Facts
    throw Object.assign(new Error('mine'), { code, id, hostErrorId: id, name: 'HostError' })
  }
}
export const cleanUp = async () => {
  try {
    await host.fs.readText('x')
  } finally {
    console.log('cleaned up')
  }
}
export const unknownFunction = () => host.call('no.such', {})
export const store = async () => {
  await host.kv.set('b', { deep: [1, null] })
  return [await host.kv.get('b'), (await host.kv.get('none')) ?? 'none']
}
export const ownFunctions = async () => [
  await host.orders['lookUp']?.({ id: 1 }),
  await host.call('orders.look_up', { id: 2 }),
  await host.orders['look_up']?.({ data: new Uint8Array([9]) }),
]
export const manyAtOnce = async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, (_, id) => host.orders['lookUp']?.({ id })))
  return answers.map((answer) => answer?.got.id).join()
}

export const interval = async () => {
  let turns = 0
  await new Promise<void>((resolve) => {
    const id = setInterval(() => {
      if (++turns < 3) return
      clearInterval(id)
      resolve()
    }, 1)
  })
  return turns
}
/** What a call leaves behind does nothing. */
export const leaveTimer = () => {
  setTimeout(() => void host.kv.set('late', 1), 20)
}
export const late = async () => {
  await pause(60)
  return (await host.kv.get('late')) ?? 'nothing'
}
export const failInTimer = async () => {
  setTimeout(() => {
    throw new Error('in a timer')
  }, 1)
  await pause(5)
  return 'went on'
}
export const failInMicrotask = async () => {
  queueMicrotask(() => {
    throw new Error('in a microtask')
  })
  await pause(5)
  return 'went on'
}
export const rejectAndForget = async () => {
  void Promise.reject(new Error('forgotten'))
  await pause(5)
  return 'went on'
}

export const log = () => {
  console.log('plain', { a: [1, { b: undefined }] }, 'text')
  console.error('bad')
  console.debug(1n, Symbol.iterator, null)
  console.assert(false, 'asserted')
  host.log.warn('with', new Map([['k', new Set([1])]]))
}
export const web = () => [
  new TextDecoder().decode(new TextEncoder().encode('ä✓')),
  atob(btoa('abc')),
  new URL('../x?y=1', 'https://a.example/b/c').href,
  structuredClone({ set: new Set([1]) }).set.size,
  crypto.getRandomValues(new Uint8Array(3)).length,
  crypto.randomUUID().length,
  performance.now() >= 0,
  performance.timeOrigin > 1e12,
  typeof setTimeout(() => {}, 1),
]
export const notBase64 = () => {
  try {
    return atob('*')
  } catch (thrown) {
    return [(thrown as Error).name, (thrown as Error).message]
  }
}
/** A name that the bundler cannot see. */
export const importOfNode = async () => {
  try {
    return Object.keys((await import(['node', 'fs'].join(':'))) as object).length
  } catch (thrown) {
    return [(thrown as Error).name, (thrown as Error).message]
  }
}
export const whatOfNode = () => ['process', 'require', 'Buffer', 'fetch', 'global'].filter((name) => name in globalThis)
