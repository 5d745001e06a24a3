// Planted fault: the ground floor imports the third.
export * as planted from '@bulkhead/host'
