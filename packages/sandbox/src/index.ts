// The public face of the sandbox, by hand.

export type { AppliedLimit, AppliedLimits } from './applied.ts'
export type { CallArgument, ProgramCall } from './call-program.ts'
export type { ResourceUsage } from './cgroup.ts'
export type { ConfinedFile, Confinement, ConfinementLimits } from './confinement.ts'
export { isOwnerGone, makeOwnerMark } from './owner-mark.ts'
export { probeSandbox, type SandboxFinding, type SandboxReport } from './probe-sandbox.ts'
export { type CallsOutcome, runCalls } from './run-calls.ts'
export { makeSeatbeltProfile } from './seatbelt.ts'
export type { InnerListener } from './spawn-bwrap.ts'
export { type Confined, type ConfinedExit, type StartOptions, startConfined } from './start-confined.ts'
