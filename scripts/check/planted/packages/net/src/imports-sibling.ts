// Planted fault: one service of a floor imports another.
export * as planted from '@bulkhead/cell'
