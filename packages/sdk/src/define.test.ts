import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  defineAction,
  definePlugin,
  type FromSchema,
  type HttpClient,
  type KeyValueStore,
  type PluginAction,
  PluginError,
  ValidationError,
} from './index.ts'
import { makeFakeContext } from './testing.ts'

describe('types from schemas', () => {
  it('of plain types, arrays, enums and unions', () => {
    expectTypeOf<FromSchema<{ type: 'string' }>>().toEqualTypeOf<string>()
    expectTypeOf<FromSchema<{ type: 'integer' }>>().toEqualTypeOf<number>()
    expectTypeOf<FromSchema<{ type: ['string', 'null'] }>>().toEqualTypeOf<string | null>()
    expectTypeOf<FromSchema<{ type: 'array'; items: { type: 'boolean' } }>>().toEqualTypeOf<boolean[]>()
    expectTypeOf<FromSchema<{ enum: readonly ['a', 'b', 3] }>>().toEqualTypeOf<'a' | 'b' | 3>()
    expectTypeOf<FromSchema<{ const: 'x' }>>().toEqualTypeOf<'x'>()
    expectTypeOf<FromSchema<{ anyOf: readonly [{ type: 'string' }, { type: 'number' }] }>>().toEqualTypeOf<
      string | number
    >()
    expectTypeOf<FromSchema<true>>().toEqualTypeOf<unknown>()
    expectTypeOf<FromSchema<false>>().toEqualTypeOf<never>()
    expectTypeOf<FromSchema<{ minimum: 3 }>>().toEqualTypeOf<unknown>()
  })

  it('of objects: required members are certain, others optional', () => {
    type Order = FromSchema<{
      readonly type: 'object'
      readonly properties: {
        readonly id: { readonly type: 'string' }
        readonly lines: {
          readonly type: 'array'
          readonly items: {
            readonly type: 'object'
            readonly properties: { readonly count: { readonly type: 'integer' } }
            readonly required: readonly ['count']
          }
        }
      }
      readonly required: readonly ['id']
    }>
    expectTypeOf<Order>().toEqualTypeOf<{ id: string; lines?: { count: number }[] }>()
    expectTypeOf<FromSchema<{ type: 'object'; additionalProperties: { type: 'number' } }>>().toEqualTypeOf<
      Record<string, number>
    >()
  })
})

describe('defineAction', () => {
  it('takes the types of input and output from the schemas', () => {
    const action = defineAction({
      input: {
        type: 'object',
        properties: { text: { type: 'string' }, times: { type: 'integer' } },
        required: ['text'],
      },
      output: { type: 'string' },
      run: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ text: string; times?: number }>()
        return input.text.repeat(input.times ?? 1)
      },
    })
    expectTypeOf(action).toEqualTypeOf<PluginAction<{ text: string; times?: number }, string>>()
  })

  it('takes types given by hand', () => {
    const action = defineAction<{ city: string }, number>({
      run: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ city: string }>()
        return input.city.length
      },
    })
    expectTypeOf(action).toEqualTypeOf<PluginAction<{ city: string }, number>>()
  })

  it('makes the areas that it uses certain, and no others', () => {
    defineAction({
      input: true,
      uses: ['http', 'kv'],
      run: (_input, context) => {
        expectTypeOf(context.http).toEqualTypeOf<HttpClient>()
        expectTypeOf(context.kv).toEqualTypeOf<KeyValueStore>()
        expectTypeOf(context.fs).toBeNullable()
      },
    })
    defineAction({
      input: true,
      run: (_input, context) => {
        expectTypeOf(context.http).toEqualTypeOf<HttpClient | undefined>()
      },
    })
  })

  it('refuses what does not fit, at compile time', () => {
    // @ts-expect-error -- the output schema says string.
    defineAction({ input: true, output: { type: 'string' }, run: () => 3 })
    // @ts-expect-error -- there is no area of that name.
    defineAction({ input: true, uses: ['exec'], run: () => 3 })
    // @ts-expect-error -- there is no risk of that name.
    defineAction({ input: true, risk: 'harmless', run: () => 3 })
  })
})

describe('invoke', () => {
  const action = defineAction({
    input: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string', pattern: '^[a-z]+$' } }, required: ['name'] },
        },
      },
      required: ['items'],
      additionalProperties: false,
    },
    output: { type: 'integer', maximum: 2 },
    run: ({ items }) => items.length,
  })

  it('runs what fits', async () => {
    await expect(action.invoke({ items: [{ name: 'a' }] }, makeFakeContext())).resolves.toBe(1)
  })

  it('names the path of every fault', async () => {
    const bad = { items: [{ name: 'a' }, { name: 'B' }, {}, { name: 4 }], other: 1 } as never
    const error = await action.invoke(bad, makeFakeContext()).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'input-invalid' })
    const paths = (error as ValidationError).issues.map((issue) => issue.path)
    expect(paths.sort()).toEqual(['input.items[1].name', 'input.items[2].name', 'input.items[3].name', 'input.other'])
    expect((error as Error).message).toContain('input.items[3].name: must be a string')
  })

  it('checks the output as well', async () => {
    const items = [{ name: 'a' }, { name: 'b' }, { name: 'c' }]
    await expect(action.invoke({ items }, makeFakeContext())).rejects.toMatchObject({
      code: 'output-invalid',
      issues: [{ path: 'output' }],
    })
  })

  it('keeps `this` and the author’s own error', async () => {
    const failing = defineAction({
      run() {
        throw new PluginError('no rum', { code: 'rum', details: { left: 0 } })
      },
    })
    await expect(failing.invoke(null, makeFakeContext())).rejects.toMatchObject({ message: 'no rum', code: 'rum' })
  })
})

describe('definePlugin', () => {
  it('keeps the types of its actions and freezes them', () => {
    const double = defineAction<number, number>({ run: (value) => value * 2 })
    const plugin = definePlugin({ actions: { double } })
    expectTypeOf(plugin.actions.double).toEqualTypeOf<PluginAction<number, number>>()
    expect(plugin.bulkhead).toBe(1)
    expect(Object.isFrozen(plugin) && Object.isFrozen(plugin.actions)).toBe(true)
  })
})
