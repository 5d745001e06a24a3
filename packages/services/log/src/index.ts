// The public face of the log service, by hand.

export { type CallLog, type LogPorts, makeCallLog, maxLineLength, maxLinesPerCall } from './call-log.ts'
export { makeLogFunctions } from './log-write.ts'
