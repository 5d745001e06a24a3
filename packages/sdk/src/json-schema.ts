// JSON Schema as a type, and the TypeScript type that a literal schema describes. Types only: nothing runs here.

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** A value that crosses to the host: JSON whose leaves may also be byte strings. */
export type WireData =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly WireData[]
  | { readonly [key: string]: WireData | undefined }

/** Names of the JSON types (JSON Schema 2020-12, validation vocabulary 6.1.1). */
export type JsonTypeName = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

/** The keywords that hosts and guests check. Unknown ones are allowed and ignored, as the standard has it. */
export interface JsonSchemaObject {
  readonly type?: JsonTypeName | readonly JsonTypeName[]
  readonly enum?: readonly JsonValue[]
  readonly const?: JsonValue
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly not?: JsonSchema
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly title?: string
  readonly description?: string
  readonly default?: JsonValue
  readonly examples?: readonly JsonValue[]
  readonly [keyword: string]: unknown
}

/** A JSON Schema: `true` takes anything, `false` nothing. */
export type JsonSchema = boolean | JsonSchemaObject

type Flatten<T> = T extends object ? { [K in keyof T]: T[K] } : T

type RequiredKeys<S> = S extends { readonly required: readonly (infer Name)[] } ? Name : never

type ObjectOf<S> = S extends { readonly properties: infer Properties }
  ? Flatten<
      {
        -readonly [Name in keyof Properties as Name extends RequiredKeys<S> ? Name : never]: FromSchema<
          Properties[Name]
        >
      } & {
        -readonly [Name in keyof Properties as Name extends RequiredKeys<S> ? never : Name]?: FromSchema<
          Properties[Name]
        >
      }
    >
  : S extends { readonly additionalProperties: infer Rest }
    ? Rest extends false
      ? Record<string, never>
      : Record<string, FromSchema<Rest>>
    : Record<string, unknown>

type ArrayOf<S> = S extends { readonly items: infer Item } ? FromSchema<Item>[] : unknown[]

type OfType<Name, S> = Name extends 'string'
  ? string
  : Name extends 'number' | 'integer'
    ? number
    : Name extends 'boolean'
      ? boolean
      : Name extends 'null'
        ? null
        : Name extends 'array'
          ? ArrayOf<S>
          : Name extends 'object'
            ? ObjectOf<S>
            : never

type Mutable<T> = T extends readonly unknown[] ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

type AllOf<Members> = Members extends readonly [infer First, ...infer Rest]
  ? Rest extends readonly []
    ? FromSchema<First>
    : FromSchema<First> & AllOf<Rest>
  : unknown

/**
 * The type that a literal schema describes: `enum`, `const`, `type` (one or several), `properties` with `required`,
 * `additionalProperties`, `items`, `anyOf`, `oneOf`, `allOf`. What it cannot tell is `unknown`, never a guess.
 */
export type FromSchema<S> = JsonSchema extends S
  ? unknown // the type of any schema at all: unfolding it would never end
  : S extends true
    ? unknown
    : S extends false
      ? never
      : S extends { readonly const: infer Value }
        ? Mutable<Value>
        : S extends { readonly enum: readonly (infer Value)[] }
          ? Mutable<Value>
          : S extends { readonly anyOf: readonly (infer Member)[] }
            ? FromSchema<Member>
            : S extends { readonly oneOf: readonly (infer Member)[] }
              ? FromSchema<Member>
              : S extends { readonly allOf: infer Members }
                ? AllOf<Members>
                : S extends { readonly type: readonly (infer Name)[] }
                  ? OfType<Name, S>
                  : S extends { readonly type: infer Name extends JsonTypeName }
                    ? OfType<Name, S>
                    : unknown
