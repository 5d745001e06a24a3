// The two streams of the wire, taken before any plugin code runs. That finds no way to them: `process` is not there for it,
// and its console writes to the log.

import { StringDecoder } from 'node:string_decoder'

/** The wire as lines. */
export interface Lines {
  /** One message. The operating system has it when this returns. */
  write(json: string): void
}

/** Takes the streams. `hear` gets each line, `ended` is called at the end of the input. */
export const takeLines = (hear: (line: string) => void, ended: () => void): Lines => {
  const { stdin, stdout } = process
  const write = stdout.write.bind(stdout)
  const decoder = new StringDecoder('utf8')
  let begun = ''
  stdin.on('data', (bytes: Buffer) => {
    const parts = (begun + decoder.write(bytes)).split('\n')
    begun = parts.pop() ?? ''
    for (const line of parts) hear(line)
  })
  stdin.on('end', ended)
  stdin.on('error', ended)
  return {
    write: (json) => {
      write(`${json}\n`)
    },
  }
}
