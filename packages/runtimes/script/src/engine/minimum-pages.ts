// A number that the runtime on the host's side and the driver in the cell share.

/**
 * Pages of a fresh interpreter (1 MiB). The prebuilt module declares 256; the driver moves its heap down, and static data,
 * stack, a context and the prelude then take 12. Every copy costs its minimum, so the runtime lowers what the module declares.
 */
export const minimumPages = 16
