// The bundler's public face, by hand.

export { areasOf } from './areas.ts'
export type { Bundle } from './bundle.ts'
export { type Bundler, openBundler } from './bundler.ts'
