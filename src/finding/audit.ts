import type { FindingCode, Severity } from './kinds.ts';
import type { Box } from './packets.ts';

/** A waiver of the waiver file and what it covers in this report (docs/waivers.md). */
export interface WaiverReport {
  readonly id: string;
  /** The finding's rule, connection and host that it is about; absent: any. */
  readonly rule?: string;
  readonly connection?: string;
  readonly host?: string;
  readonly owner: string;
  readonly approver: string;
  readonly reason: string;
  readonly ticket?: string;
  /** Days, `YYYY-MM-DD` in UTC; the waiver holds through `expires`. */
  readonly created: string;
  readonly expires: string;
  /** What is done instead. */
  readonly compensating?: string;
  /** Whole days from `asOf` to `expires`, negative once expired; absent where no day is known. */
  readonly daysLeft?: number;
  /** `expiring`: thirty days or fewer are left; `unused`: it matches no finding. */
  readonly status: 'active' | 'expiring' | 'expired' | 'unused';
  /** The packets that it covers, as written; absent: all of the findings'. */
  readonly covers?: readonly Box[];
  /** Fingerprints of the findings that it covers. */
  readonly findings: readonly string[];
}

/** How this report's findings differ from an earlier one's, by fingerprint. */
export interface PreviousReport {
  readonly path?: string;
  readonly sha256: string;
  /** Fingerprints of this report that the earlier one has not. */
  readonly new: readonly string[];
  /** What the earlier report had and this one has not. */
  readonly gone: readonly GoneFinding[];
  /** How many findings both have. */
  readonly unchanged: number;
}

/** A finding of the earlier report alone. */
export interface GoneFinding {
  readonly host: string;
  readonly code: FindingCode;
  readonly rule: string;
  readonly severity: Severity;
  readonly baseline?: string;
  readonly connection?: string;
  readonly message: string;
  readonly fingerprint: string;
}
