// A message to a confined process that is running and back, 16 bytes each way, over the protocols of the process tier: lines
// of JSON on its standard streams, and gRPC with mutual TLS over a socket. Both programs are in Node; one in Go, built with
// HashiCorp's library, is measured besides where Go is present.

import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openHost } from '@bulkhead/host'
import { writeFakeGoPlugin } from '../../tests/support/fake-go-plugin.ts'
import { buildGoProgram } from '../../tests/support/go-program.ts'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, percentile, sampleInTurns } from '../harness.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { openBenchFolder, smallInput } from '../plugins/folder.ts'
import { programManifest, writeEchoProgram } from '../plugins/programs.ts'

const sampling = { warmUp: 2000, samples: 3000, budgetMs: 6000, blockSize: 100 }
const library = fileURLToPath(new URL('../../packages/runtimes/process/test/conformance-go', import.meta.url))

const toUs = (ms: number): number => ms * 1000

/** See the file's head. */
export const measureProcessMessages = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  using built = buildGoProgram(library)
  await using host = await openHost({ home: folder.home })
  const kept = '  isolation: per-plugin\n'
  const jsonrpc = await host.loadPlugin(await writeEchoProgram(folder.plugins))
  const grpc = await host.loadPlugin(writeFakeGoPlugin(folder.plugins, { name: 'echo-grpc', execution: kept }))
  const cases: Record<string, () => unknown> = {
    jsonrpc: () => host.call(jsonrpc.id, 'echo', smallInput),
    grpc: () => host.call(grpc.id, 'echo', smallInput),
  }
  if (built.missing === undefined) {
    const path = join(folder.plugins, 'conformance')
    await mkdir(path)
    await writeFile(join(path, 'plugin.yaml'), programManifest('conformance', 'go-plugin', 'plugin'))
    await copyFile(built.program, join(path, 'plugin'))
    const { id } = await host.loadPlugin(path)
    cases['go'] = () => host.call(id, 'echo', smallInput)
  }
  const taken = await sampleInTurns(cases, sampling)
  const { jsonrpc: ours = Number.NaN, grpc: overGrpc = Number.NaN, go } = inUnit(medians(taken), toUs)
  const tail = (name: string): number => toUs(percentile(taken[name] ?? [], 0.95))
  const targets = [{ below: floors.messageMs * 1000 }]
  return [
    ...judge(goals.processJsonRpc, { ours }),
    ...compare({ name: 'message to a process, jsonrpc, Node, p95', unit: 'µs', ours: tail('jsonrpc'), targets }),
    ...judge(goals.processGrpc, { ours: overGrpc }),
    ...compare({ name: 'message to a process, go-plugin, Node, p95', unit: 'µs', ours: tail('grpc'), targets }),
    ...(go === undefined
      ? []
      : compare({
          name: 'message to a process, go-plugin (gRPC, mutual TLS), Go, p50',
          unit: 'µs',
          ours: go,
          targets: goals.processGrpc.targets,
        })),
  ]
}
