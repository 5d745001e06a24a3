// The public face of the env service, by hand.

export { type EnvPorts, makeEnvFunctions } from './env-get.ts'
