/** Addresses that are on the same link of the host's. */
export interface Link {
  readonly lo: bigint;
  readonly hi: bigint;
  /** The interface of that link; several where they have the same network. */
  readonly interfaces: readonly string[];
}
