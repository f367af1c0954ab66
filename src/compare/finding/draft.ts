import type { ResolvedRow } from '../../baseline/model.ts';
import type { Node } from '../../packet/diagram.ts';
import type { ConnectionState } from '../../packet/packet.ts';
import type { Draft } from './finding.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { hopLimitOf } from '../required/judgement.ts';
import type { Carried } from '../loopback/carried.ts';
import { HOPS, LINK_TYPE } from './witness.ts';

/** What every finding about packets has. */
export interface DraftBase {
  readonly row?: ResolvedRow | undefined;
  readonly hook: FlowHook;
  readonly certainty: Draft['certainty'];
  readonly severity: Draft['severity'];
  /** The state of the packets; the row's first one, if absent. */
  readonly state?: ConnectionState;
  /** What packets of the loopback interface come in with. */
  readonly carried?: Carried;
  /** Whether the finding is that the packets pass, or that they do not. */
  readonly passes: boolean;
}

/** What is particular to one. */
export interface DraftRest
  extends Pick<Draft, 'code' | 'rule' | 'evidence' | 'message' | 'document' | 'translated'> {
  readonly packets: Node;
  /** Where the witness shows something else than the finding: a half-open connection's first packet passes. */
  readonly witnessCertainty?: Draft['certainty'];
  /** What else the finding depends on. */
  readonly openQuestions?: readonly string[] | undefined;
  /** The witness passes or not: the finding is about documents, or by which interface it leaves decides. */
  readonly unconfirmed?: boolean;
}

/** Whether the finding is about packets of a row that says where they go: what the link makes of them follows from that. */
export const isTyped = ({ row, code }: DraftBase & DraftRest): boolean =>
  code !== 'excessive' && row?.direction === 'in' && row.delivery !== undefined;

/** Whether all of the row's packets have what the text is about, so that nothing depends on it. */
export function isGiven(draft: DraftBase & DraftRest, text: string): boolean {
  if (text === LINK_TYPE) return isTyped(draft);
  const { row, code } = draft;
  return text === HOPS && code !== 'excessive' && row !== undefined && hopLimitOf(row) !== undefined;
}

/** The state of the finding's packets. */
export const stateOf = ({ state, row }: DraftBase): ConnectionState => state ?? row?.states[0] ?? 'new';
