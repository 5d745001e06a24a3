// Planted fault: another package's file, past its exports.
export * as planted from '../../cell/src/looks-up-for-a-type.ts'
