// Planted fault: the house imports what only tests may use.
export const planted = import('@bulkhead/testkit')
