import type { ResolvedRow } from '../../baseline/model.ts';
import type { Severity } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import type { Chain } from '../../rule/ruleset.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import type { Opened } from './openers.ts';
import type { FlowHook } from '../view/hook-view.ts';

/** Openings beyond the document, that one line of a config makes. */
export interface Excess {
  readonly hook: FlowHook;
  readonly packets: Node;
  readonly definite: boolean;
  readonly rule: 'undocumented-opening' | 'wider-than-documented' | 'loopback-service-exposed';
  readonly severity: Severity;
  /** The documented row that it is wider than, where it is one. */
  readonly row: ResolvedRow | undefined;
  /** The one row that lists the exposed service for the loopback interface. */
  readonly listed: ResolvedRow | undefined;
  /** The rule or policy that accepts; undefined where no chain of the hook filters at all. */
  readonly opener: Opened['opener'];
  /** Base chains in which other lines accept some of the packets too, in other circumstances. */
  readonly shared: readonly Chain[];
  readonly acceptors: Opened['acceptors'];
  readonly flows: readonly Flow[];
  /** Undetermined rows that might document the packets. */
  readonly unsure: readonly ResolvedRow[];
  /** Documented packets that rules translate to the same destination pass by the same line. */
  readonly beside?: boolean;
  /** What else decides whether the packets are excess; absent where nothing does. */
  readonly doubt?: string | undefined;
}

/** What the message says of {@link Excess.beside}. */
export const BESIDE =
  ' Documented packets that rules translate to this destination pass by the same line: a narrower one has to accept what is translated (`--ctstate DNAT`, `ct status dnat`) still.';

/** What a direction of the hook's traffic may be, by the documents. */
export interface Documented {
  readonly all: Node;
  /** What rows document as it arrives, and a rule sends to a machine of another role. */
  readonly sentAway: Node;
  /** What rows might document whose ports or features the site has not decided. */
  readonly undecided: Node;
  readonly rows: readonly ResolvedRow[];
  /** The protocols and ports of all rows. */
  readonly ports: Node;
}

/** What the documents say of packets that none of them is asked about. */
export const NOTHING_DOCUMENTED: Documented = {
  all: NONE,
  sentAway: NONE,
  undecided: NONE,
  rows: [],
  ports: NONE,
};
