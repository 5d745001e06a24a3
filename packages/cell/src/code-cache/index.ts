// The public face of the cache of rewritten modules, by hand.

export {
  type CodeCache,
  type CodeCacheOptions,
  type CodeCachePaths,
  codeCachePaths,
  type KeptModule,
} from './code-cache.ts'
export { openCodeCache } from './open-code-cache-node.ts'
