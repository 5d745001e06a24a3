// The public face of the sandbox, by hand.

export type { AppliedLimit, AppliedLimits } from './applied.ts'
export type { ResourceUsage } from './cgroup.ts'
export type { Confinement, ConfinementLimits } from './confinement.ts'
export { type Confined, type ConfinedExit, type StartOptions, startConfined } from './start-confined.ts'
export { type CallArgument, makeCallProgram, type ProgramCall, readAnswers } from './call-program.ts'
