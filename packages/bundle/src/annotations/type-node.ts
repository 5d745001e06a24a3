// A type as it is written, before names in it are looked up.

/** A member of a record. */
export interface FieldNode {
  readonly name: string
  readonly type: TypeNode
  readonly optional: boolean
  readonly description?: string
}

/** Members by name, and what further members may be. */
export interface RecordNode {
  readonly kind: 'record'
  readonly fields: readonly FieldNode[]
  /** Type of members of other names; absent when there are none. */
  readonly rest?: TypeNode
}

/** See the file's head. */
export type TypeNode =
  | { readonly kind: 'any' }
  | { readonly kind: 'simple'; readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' }
  /** What Lua calls a table: a list or an object. */
  | { readonly kind: 'table' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'list'; readonly item: TypeNode }
  | { readonly kind: 'tuple'; readonly items: readonly TypeNode[] }
  | RecordNode
  | { readonly kind: 'union'; readonly members: readonly TypeNode[] }
  /** All of the members at once: records that are joined. */
  | { readonly kind: 'both'; readonly members: readonly TypeNode[] }
  /** A record of which every member may be left out. */
  | { readonly kind: 'partial'; readonly of: TypeNode }
  | { readonly kind: 'named'; readonly name: string; readonly line: number }

export const anyType: TypeNode = { kind: 'any' }
const nullType: TypeNode = { kind: 'simple', type: 'null' }

/** The type, or nothing. */
export const orNull = (type: TypeNode): TypeNode => ({ kind: 'union', members: [type, nullType] })

const simple: Readonly<Record<string, readonly string[]>> = {
  string: ['string', 'String', 'str', 'char'],
  number: ['number', 'Number', 'f64', 'f32', 'float', 'double'],
  integer: ['integer', 'int', 'i64', 'i32', 'u64', 'u32', 'u8', 'usize', 'isize'],
  boolean: ['boolean', 'Boolean', 'bool'],
  null: ['nil', 'null', 'undefined', 'void', 'unit', 'None'],
  object: ['object', 'Object'],
}
/** They have no schema of their own, or cannot be told from another by one. */
const anything =
  'any unknown never function fun userdata thread bytes Bytes Uint8Array ArrayBuffer Date Function JsonValue Json Value'

const builtIn = new Map<string, TypeNode>([
  ...Object.entries(simple).flatMap(([type, names]) =>
    names.map((name): [string, TypeNode] => [name, { kind: 'simple', type: type as 'string' }]),
  ),
  ...anything.split(' ').map((name): [string, TypeNode] => [name, anyType]),
  ['table', { kind: 'table' }],
  ['array', { kind: 'list', item: anyType }],
  ['Array', { kind: 'list', item: anyType }],
  ['Vec', { kind: 'list', item: anyType }],
])

/** A type that every file knows; undefined when it has to be declared. */
export const builtInType = (name: string): TypeNode | undefined => builtIn.get(name)

const isWholeNumber = (type: TypeNode | undefined): boolean => type?.kind === 'simple' && type.type === 'integer'

/** A type with arguments, `Array<string>`; undefined when it is none that is known. */
export const genericType = (name: string, given: readonly TypeNode[]): TypeNode | undefined => {
  const [first = anyType, second] = given
  switch (name) {
    case 'Array':
    case 'ReadonlyArray':
    case 'Vec':
    case 'List':
      return { kind: 'list', item: first }
    case 'table':
    case 'Record':
    case 'HashMap':
    case 'Object':
      if (name === 'table' && isWholeNumber(first)) return { kind: 'list', item: second ?? anyType }
      return { kind: 'record', fields: [], rest: second ?? first }
    case 'Promise':
    case 'PromiseLike':
    case 'Readonly':
    case 'Result':
      return first
    case 'Option':
      return orNull(first)
    case 'Partial':
      return { kind: 'partial', of: first }
    default:
      return undefined
  }
}
