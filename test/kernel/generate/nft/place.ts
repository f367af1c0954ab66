import type { HostKind } from '../../topology.ts';
import type { SetSpec } from '../spec.ts';

export type NftFamily = 'ip' | 'ip6' | 'inet' | 'netdev';

/** Where a rule stands, as far as that decides what may stand there. */
export interface NftPlace {
  /** The packets' family. */
  readonly family: 4 | 6;
  readonly kind: HostKind;
  readonly table: string;
  readonly tableFamily: NftFamily;
  readonly type: 'filter' | 'nat' | 'route';
  /** The hooks of the base chains that lead here. */
  readonly hooks: readonly string[];
  /** There is a device of arrival, or of departure, at each of the hooks. */
  readonly incoming: boolean;
  readonly outgoing: boolean;
  /** At ingress: before marks, connections and routes. */
  readonly bare: boolean;
  /** Conditions on the connection may stand here. */
  readonly tracked: boolean;
  /** Every hook is before connection tracking, so that `notrack` does something. */
  readonly early: boolean;
  /** Chains that may be jumped to. */
  readonly chains: readonly string[];
  /** Named sets and maps of the table: made as rules ask for them. */
  readonly sets: SetSpec[];
}
