// The test kit's public face, by hand. Development only: nothing of the house imports it outside of tests.

export { askedFunction, type Behaviour, behaviours, type ConformanceFixture } from './runtime/behaviour.ts'
export { type CaseName, runtimeConformance, type RuntimeUnderTest, type SkipList } from './runtime/conformance.ts'
