// The version of the host that manifests' `engine` ranges are held against.

/** Equal to the version in package.json; a test compares them. */
export const hostVersion = '0.1.0'
