// Planted fault: one host function imports another.
export * as planted from '@bulkhead/service-kv'
