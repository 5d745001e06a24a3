// What the figures were taken on: they mean nothing without it.

import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'

const versionOf = (name: string): string => {
  const manifest = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return String((JSON.parse(manifest) as { version: unknown }).version)
}

const peers = ['@extism/extism', 'quickjs-emscripten-core', 'wasmoon'] as const

/** Lines that describe machine and versions. */
export const describeMachine = (): readonly string[] => [
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${platform()} ${release()} (${arch()})`,
  `Node ${process.version}, V8 ${process.versions.v8}, Bulkhead ${versionOf('@bulkhead/host')}`,
  `Peers: ${peers.map((name) => `${name} ${versionOf(name)}`).join(', ')}`,
]
