// A number that the runtime on the host's side and the driver in the cell share.

/**
 * Pages of a fresh interpreter (6 MiB). The prebuilt module declares 256, of which its stack and data take 88; the rest
 * is heap that it grows into as needed. Every copy costs its minimum, so the runtime lowers what the module declares.
 */
export const minimumPages = 96
