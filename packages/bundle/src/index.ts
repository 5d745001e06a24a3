// The bundler's public face, by hand.

export { areasOf } from './areas.ts'
export type { Bundle, BundleRequest } from './bundle.ts'
export { type BundleApart, type Bundler, openBundler } from './bundler.ts'
export { readSources, type SourceFile } from './sources.ts'
export { bundleAction, readFunction } from './bundle-call.ts'
