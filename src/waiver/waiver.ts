import type { WaiverTerms } from '../finding/audit.ts';
import type { Box, WaiverReport } from '../finding/report.ts';
import type { HookName } from '../packet/packet.ts';
import type { Span } from '../text/source.ts';

/** A waiver as its file has it: read, checked, and not yet held against any finding (docs/waivers.md). */
export interface Waiver extends WaiverTerms {
  readonly hooks?: readonly HookName[];
  /** Exactly this finding, with all its packets. */
  readonly fingerprint?: string;
  /** Exactly these packets, each box of one family; absent where `fingerprint` says which. */
  readonly packets?: readonly Box[];
  /** It is meant to cover what a document prohibits. */
  readonly override: boolean;
  /** Where it is written. */
  readonly place: Span;
}

/** What a day makes of a waiver: `early` before `created`, `expiring` in its last thirty days. */
export type Standing = 'early' | 'active' | 'expiring' | 'expired';

/** The waiver as reports tell it. */
export function waiverReport(
  waiver: Waiver,
  outcome: Pick<WaiverReport, 'daysLeft' | 'status' | 'problem' | 'findings'>,
): WaiverReport {
  const {
    id,
    rule,
    connection,
    host,
    owner,
    approver,
    reason,
    ticket,
    created,
    expires,
    compensating,
    packets,
  } = waiver;
  return {
    id,
    ...(rule === undefined ? {} : { rule }),
    ...(connection === undefined ? {} : { connection }),
    ...(host === undefined ? {} : { host }),
    owner,
    approver,
    reason,
    ...(ticket === undefined ? {} : { ticket }),
    created,
    expires,
    ...(compensating === undefined ? {} : { compensating }),
    ...outcome,
    ...(packets === undefined ? {} : { covers: packets }),
  };
}
