// What the host and the bundler in a jail call each other by. Apart from the driver, which brings esbuild.

/** The one action, and the one host call that it makes. */
export const bundleAction = 'bundle'
/** See {@link bundleAction}. */
export const readFunction = 'bundle.read'
