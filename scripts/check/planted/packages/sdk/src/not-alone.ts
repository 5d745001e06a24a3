// Planted fault: the SDK imports the house.
export * as planted from '@bulkhead/kernel'
