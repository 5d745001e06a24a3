// Planted fault: a path that the package does not export.
export * as planted from '@bulkhead/kernel/src/index.ts'
