// Who a plugin is. Grants, approvals, data and secrets belong to the principal, never to the bare name.

/** A plugin's identity: where it comes from, its name, and the digest of what was loaded. */
export interface Principal {
  /**
   * Stable key of publisher (or source) and name, for example `file:/srv/plugins/weather#weather` or
   * `key:ed25519:ab12…#weather`. Two plugins of one name from different sources have different ids.
   */
  readonly id: string
  /** The manifest's name. */
  readonly name: string
  /** SHA-256 of the manifest and the artifact, lowercase hex. */
  readonly digest: string
}
