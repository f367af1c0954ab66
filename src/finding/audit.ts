import type { FindingCode, Severity } from './kinds.ts';
import type { Box } from './packets.ts';

/** What a waiver says of itself, in its file and in reports (docs/waivers.md). */
export interface WaiverTerms {
  readonly id: string;
  /** The finding's rule, connection and host that it is about; absent: any. A connection is a row's id, or `baseline:id`. */
  readonly rule?: string;
  readonly connection?: string;
  readonly host?: string;
  readonly owner: string;
  readonly approver: string;
  readonly reason: string;
  readonly ticket?: string;
  /** Days, `YYYY-MM-DD` in UTC. The waiver holds from `created` through `expires`. */
  readonly created: string;
  readonly expires: string;
  /** What is done instead. */
  readonly compensating?: string;
}

/** A waiver of the waiver file and what it covers in this report. */
export interface WaiverReport extends WaiverTerms {
  /** Whole days from `asOf` to `expires`, negative once expired; absent where no day is known. */
  readonly daysLeft?: number;
  /** `expiring`: thirty days or fewer are left; `unused`: it matches no finding. */
  readonly status: 'active' | 'expiring' | 'expired' | 'unused';
  /** Why it does not cover what it names, where that is not its status: `override: true` is not there, or its day has not come. */
  readonly problem?: string;
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

/** One comment in a config that speaks to postern, where `--inline` lets it (docs/inline-comments.md). */
export interface InlineUse {
  readonly host: string;
  readonly file: string;
  readonly line: number;
  readonly kind: 'waive' | 'expect' | 'unreadable';
  /** The kind of finding that is waived. */
  readonly rule?: string;
  /** The connection that the rule is for. */
  readonly connection?: string;
  readonly reason?: string;
  /**
   * `used`: it waives something; `unused`: the rule has no such finding; `met`: the rule opens what the connection needs;
   * `unmet`: it does not; `refused`: it asks for what a comment can't have, see `problem`.
   */
  readonly status: 'used' | 'unused' | 'met' | 'unmet' | 'refused';
  readonly problem?: string;
  /** Fingerprints of the findings that it waives. */
  readonly findings: readonly string[];
}

/** The findings that a site already knows, held against this report (docs/known-findings.md). */
export interface KnownReport {
  readonly path: string;
  readonly sha256: string;
  /** How many findings of this report are known. */
  readonly matched: number;
  /** Entries of the file that no finding has any more. */
  readonly stale: readonly KnownFinding[];
}

/** A finding that is known. Only the fingerprint counts; the rest is for whoever reads the file. */
export interface KnownFinding {
  readonly fingerprint: string;
  readonly host: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly baseline?: string;
  readonly connection?: string;
  readonly message: string;
}
