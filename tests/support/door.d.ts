import {
  type AnyHostFunction,
  type AuditEvent,
  type BulkheadError,
  type CallContext,
  type CallSession,
  type Limits,
} from '@bulkhead/kernel'
/** Options of {@link openDoor}. */
export interface DoorOptions {
  readonly functions: readonly AnyHostFunction[]
  readonly grants?: readonly string[]
  readonly denies?: readonly string[]
  readonly protectedPaths?: readonly string[]
  readonly principal?: string
  readonly workspaceRoot?: string
  readonly limits?: Partial<Limits>
  /** Told of every record. */
  readonly onRecord?: (event: AuditEvent) => void
}
/** A door for one call. */
export interface Door {
  /** Calls as a guest would. @throws BulkheadError the error in the reply */
  call<T = Record<string, unknown>>(name: string, input: unknown): Promise<T>
  /** Calls and returns the error; fails when there is none. */
  refused(name: string, input: unknown): Promise<BulkheadError>
  /** `allowed <capability>` and `denied <capability>`, in order. */
  readonly decisions: readonly string[]
  readonly context: CallContext
  readonly session: CallSession
  /** Ends the call. */
  abort(reason: BulkheadError): void
}
/** Opens the door. */
export declare const openDoor: (options: DoorOptions) => Door
//# sourceMappingURL=door.d.ts.map
