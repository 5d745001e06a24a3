// Planted fault: a thread that does not come through the cell.
export { Worker as planted } from 'node:worker_threads'
