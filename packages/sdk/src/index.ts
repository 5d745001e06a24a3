// What a TypeScript plugin imports, by hand. Runs inside guests: no Node, no browser, no authority of its own.

export type {
  ContextArea,
  ContextAreas,
  ContextWith,
  Environment,
  FileEntry,
  FileKind,
  FileStat,
  FileSystem,
  FileWriteOptions,
  HostError,
  HttpClient,
  HttpOptions,
  HttpRequest,
  HttpResponse,
  KeyEntry,
  KeyPage,
  KeyValueScope,
  KeyValueSetOptions,
  KeyValueStore,
  Logger,
  NoteVault,
  PluginContext,
  PureAreas,
} from './context.ts'
export {
  type ActionDefinition,
  type ActionRisk,
  type ActionTraits,
  defineAction,
  definePlugin,
  type Plugin,
  type PluginAction,
  type PluginDefinition,
  type SchemaActionDefinition,
  type SchemalessActionDefinition,
} from './define.ts'
export { PluginError, type PluginErrorOptions, ValidationError, type ValidationIssue } from './errors.ts'
export type { FromSchema, JsonSchema, JsonSchemaObject, JsonTypeName, JsonValue, WireData } from './json-schema.ts'
