/** Parts of a report that are there only where a format asks for them. */

import type { HookName } from '../packet/packet.ts';
import type { Certainty } from './kinds.ts';
import type { Box } from './packets.ts';

/**
 * What became of a rule. `used`: some packet reaches it and matches (perhaps only for some answer of an unmodelled match).
 * `shadowed`: other rules decide every packet that it would match before it is asked. `unmatched`: its chain is called, and
 * no packet for which it is called can match. `uncalled`: nothing leads to its chain. `not-examined`: nobody can tell, as
 * the rules are too entangled to follow.
 */
export type RuleUseStatus = 'used' | 'shadowed' | 'unmatched' | 'uncalled' | 'not-examined';

/** One rule of a config (docs/report-html.md, "Rule inventory"). */
export interface RuleUse {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  readonly table: string;
  readonly chain: string;
  readonly status: RuleUseStatus;
  /** How many sets of new connections' packets (boxes of `postern openings`) it lets through, and the first of them. */
  readonly openings?: number;
  readonly opens?: readonly { readonly hook: HookName; readonly certainty: Certainty; readonly box: Box }[];
}

/** A row as it is read for one host: who, to whom, what. */
export interface RowReading {
  readonly source: PartyReading;
  readonly destination: PartyReading;
  /** All of these are needed. */
  readonly all: readonly TrafficReading[];
  /** Of each of these lists one is enough. */
  readonly choices: readonly (readonly TrafficReading[])[];
  readonly families: readonly ('ipv4' | 'ipv6')[];
  /** States of the connection's first packets, where not only `new`. */
  readonly states?: readonly string[];
  /** Where the packets go, where not only to the destination's own addresses. */
  readonly delivery?: readonly string[];
  /** Nobody answers, and nothing has to get back. */
  readonly reply?: 'none';
  /** Why it is read otherwise than it is written, where it is. */
  readonly because?: string;
}

/** Who stands behind a role; absent lists are not bound. Addresses are single ones or inclusive ranges. */
export interface PartyReading {
  readonly role: string;
  readonly binding: 'self' | 'bound' | 'internet' | 'unbound' | 'any';
  readonly addresses?: readonly string[];
  readonly interfaces?: readonly string[];
  readonly sets?: readonly string[];
  readonly groups?: readonly string[];
  readonly dns?: readonly string[];
}

/** What a row is about; lists are as in {@link Box}, absent: any. */
export interface TrafficReading {
  readonly protocol: string;
  readonly destinationPorts?: readonly string[];
  readonly sourcePorts?: readonly string[];
  readonly icmp?: readonly string[];
}

/** Between which roles a finding's packets pass. */
export interface FindingEnds {
  readonly from: EndReading;
  readonly to: EndReading;
}

/** The roles that some of the packets' addresses belong to; `others`: some belong to no role of the host's rows. */
export interface EndReading {
  readonly roles: readonly string[];
  readonly others: boolean;
}

/** A line that the witness meets. */
export interface PathStep {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Some lines of a file, in order; lines that are not here are not quoted. */
export interface FileExcerpt {
  readonly file: string;
  readonly lines: readonly ExcerptLine[];
}

export interface ExcerptLine {
  readonly line: number;
  readonly text: string;
}
