// A quick run: a few samples of everything, to see that every scenario runs to its end. Its figures mean little, so it is
// never written to the page. `npm run bench -- --quick` asks for it; processes of a run learn it from the environment.

const variable = 'BULKHEAD_BENCH_QUICK'

/** Whether this run is one. */
export const isQuick = (): boolean => process.env[variable] === '1'

/** Makes this run and the processes that it forks a quick one. */
export const beQuick = (): void => {
  process.env[variable] = '1'
}

/** A number of things: `full`, or `quick` in a quick run. */
export const sized = (full: number, quick: number): number => (isQuick() ? Math.min(full, quick) : full)
