// JSON as a type. Apart from json.ts because the error table needs the type, and parsing needs the errors.

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}
