// Reads what a plugin prints after its handshake: go-plugin takes its standard output and error and sends them over gRPC.

import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import { methodOf } from './definitions.ts'
import { lineCost, type LogSink, makeLogIntake, maxReadBytesPerSecond } from './log-intake.ts'
import { makeThrottle } from './throttle.ts'

interface StdioData {
  readonly channel: string
  readonly data: Buffer
}

/** What a message costs beside its bytes. */
const messageCostBytes = 256

/** Reads until the stream ends, however it ends. To be called once for a plugin: what was read is not sent again. */
export const forwardOutput = async (
  connection: Connection,
  log: LogSink,
  throttle = makeThrottle(maxReadBytesPerSecond),
): Promise<void> => {
  const stdout = makeLogIntake('forwarded-stdout', log)
  const stderr = makeLogIntake('forwarded-stderr', log)
  try {
    for await (const message of connection.stream(methodOf('plugin.GRPCStdio', 'StreamStdio'), {})) {
      const { channel, data } = message as StdioData
      const intake = channel === 'STDOUT' ? stdout : channel === 'STDERR' ? stderr : undefined
      const lines = intake?.push(data) ?? 0
      const waitMs = throttle.take(data.length + messageCostBytes + lines * lineCost)
      if (waitMs > 0) await pause(waitMs, undefined, { ref: false })
    }
  } catch {
    // A plugin that does not forward its output ends the stream with an error; that is allowed.
  }
  stdout.end()
  stderr.end()
}
