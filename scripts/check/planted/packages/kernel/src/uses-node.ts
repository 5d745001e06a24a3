// Planted fault: the pure floor reads a file.
export { readFile as planted } from 'node:fs/promises'
