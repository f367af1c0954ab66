import type { HookName } from '../packet/packet.ts';
import type { InlineUse, KnownReport, PreviousReport, WaiverReport } from './audit.ts';
import type { ControlsReport } from './control-types.ts';
import type { FileExcerpt, FindingEnds, PathStep, RowReading, RuleUse } from './detail.ts';
import type { Certainty, FindingCode, Severity } from './kinds.ts';
import type { Box, Translated, WitnessPacket } from './packets.ts';

export type * from './audit.ts';
export type * from './control-types.ts';
export type * from './detail.ts';
export { type Certainty, type FindingCode, SEVERITIES, type Severity } from './kinds.ts';
export type * from './packets.ts';

/**
 * The one report object. Every format is a pure function of it (shape: schemas/report.schema.json, described in
 * docs/report.md). Types only, so that reporters need nothing else.
 */
export interface Report {
  readonly schemaVersion: '1';
  readonly tool: { readonly name: 'postern'; readonly version: string };
  readonly inputs: readonly ReportInput[];
  readonly baselines: readonly ReportBaseline[];
  readonly deployment?: { readonly path: string; readonly sha256: string };
  readonly hosts: readonly HostReport[];
  readonly coverage: readonly CoverageLine[];
  readonly summary: Summary;
  /** The day (`YYYY-MM-DD`, UTC) that the user says it is, for waivers; absent: not said. */
  readonly asOf?: string;
  /** The file of waivers, where one was given, and each of its waivers with what became of it. */
  readonly waiverFile?: { readonly path: string; readonly sha256: string };
  readonly waivers?: readonly WaiverReport[];
  /** The comments in configs that speak to postern, where the user lets them. */
  readonly inline?: readonly InlineUse[];
  /** The file of known findings, where one was given. */
  readonly known?: KnownReport;
  /** How the findings differ from those of an earlier report, where one was given. */
  readonly previous?: PreviousReport;
  /** Which requirements of which frameworks the findings and satisfied rows evidence (docs/controls.md). */
  readonly controls?: ControlsReport;
  /** Only in a detailed report: the config lines around those that findings and connections quote. */
  readonly excerpts?: readonly FileExcerpt[];
}

export interface ReportInput {
  readonly path: string;
  readonly format: string;
  readonly sha256: string;
  readonly captured?: Captured;
}

export interface Captured {
  readonly at?: string;
  readonly by?: string;
  readonly from?: string;
}

export interface ReportBaseline {
  readonly id: string;
  readonly title: string;
  /** The document's title, edition, and so on, as the baseline file has them. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly sha256: string;
  /** How many rows, and what else of the document, still wait for a decision (`review`); absent where nothing does. */
  readonly unreviewed?: { readonly rows: number; readonly document: number };
}

export interface HostReport {
  readonly name: string;
  readonly role: string;
  readonly families: { readonly ipv4: FamilyStatus; readonly ipv6: FamilyStatus };
  /** Roles that the deployment leaves unbound (or that no deployment binds), sorted. */
  readonly unbound: readonly string[];
  /** In which directions what no row documents is excess; absent in reports of older versions. */
  readonly directions?: readonly DirectionReport[];
  readonly connections: readonly ConnectionReport[];
  readonly findings: readonly Finding[];
  /** Only in a detailed report: every rule of the host's configs and what became of it, in the order of the files. */
  readonly inventory?: readonly RuleUse[];
}

/**
 * A direction of a host, or, at a firewall between zones, what goes `to` a role behind it or comes `from` it; `forward` without
 * either is then what has no such end.
 */
export interface DirectionReport {
  readonly direction: 'in' | 'out' | 'forward';
  readonly to?: string;
  readonly from?: string;
  /** The baselines that close it: what none of the host's baselines documents is excess there. Empty: it is open, and none is looked for. */
  readonly closed: readonly string[];
}

export type FamilyStatus = 'assessed' | 'not-assessed';

export type ConnectionStatus =
  | 'satisfied'
  | 'partial'
  | 'missing'
  | 'undetermined'
  | 'not-applicable'
  | 'prohibited-open'
  | 'waived';

export type Direction = 'in' | 'out' | 'loopback' | 'forward';

export interface ConnectionReport {
  readonly baseline: string;
  readonly id: string;
  readonly direction: Direction;
  readonly status: ConnectionStatus;
  readonly level: 'required' | 'optional' | 'prohibited';
  /** The row as the document has it. */
  readonly document: DocumentRow;
  /** Why a connection is undetermined or not applicable, or which unbound role it could not be judged against. */
  readonly reason?: string;
  /** Only in a detailed report: how postern reads the row at this site. */
  readonly reading?: RowReading;
  /** Only in a detailed report: the config lines that let the row's packets through. */
  readonly openedBy?: readonly Evidence[];
}

export interface Finding {
  readonly code: FindingCode;
  /** The finer kind, kebab-case; documented in docs/findings/<rule>.md. */
  readonly rule: string;
  readonly certainty: Certainty;
  readonly severity: Severity;
  readonly baseline?: string;
  readonly connection?: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly hook: HookName;
  /** Disjoint boxes whose union is exactly the packets that the finding is about. */
  readonly packets: readonly Box[];
  /** One packet of them, replayable with `trace`. */
  readonly witness: WitnessPacket;
  /** Translated destination of the packets, where a rule translates it. */
  readonly translated?: Translated;
  readonly evidence: readonly Evidence[];
  readonly document?: DocumentRow;
  /** The unmodelled matches a `possible` finding depends on, as written. */
  readonly dependsOn?: readonly string[];
  readonly message: string;
  /** Hex SHA-256 over host, rule, baseline, connection, family, hook and packets. */
  readonly fingerprint: string;
  /**
   * The id of the waiver that covers all of its packets, or `inline file:line` where a comment does; a waived finding
   * stays in the report.
   */
  readonly waived?: string;
  /** The file of known findings has it: it stays in the report and does not fail the check. */
  readonly known?: true;
  /** Only in a detailed report: the rules and policies on the witness packet's way, as `trace` tells them. */
  readonly path?: readonly PathStep[];
  /** Only in a detailed report: the roles at both ends. */
  readonly ends?: FindingEnds;
}

export interface Evidence {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** What the line has to do with it: `opens`, `closes`, `would open`, `policy`, … */
  readonly note?: string;
}

export interface DocumentRow {
  /** Table and row, such as `Network diagram, row 3`. */
  readonly row: string;
  /** The row's cells as written, joined by ` | `. */
  readonly text: string;
}

export interface CoverageLine {
  readonly file: string;
  readonly line: number;
  readonly status: 'approximated' | 'ignored' | 'unrecognised';
  readonly text: string;
  readonly reason: string;
}

export interface Summary {
  readonly missing: number;
  readonly excessive: number;
  readonly conflicting: number;
  readonly undetermined: number;
  readonly satisfied: number;
  /** How many of the findings above are waived; only where something waives. */
  readonly waived?: number;
  /** How many of the findings above are known, and not waived; only where known findings were given. */
  readonly known?: number;
}

/** One opening of `postern openings` (shape: schemas/openings.schema.json). */
export interface Opening {
  /** Whose it is, by the name that `check` gives the host: where a cloud's exports have several. */
  readonly host?: string;
  readonly hook: HookName;
  readonly certainty: Certainty;
  readonly box: Box;
  readonly translated?: Translated;
  /** Where the same packets may go instead: by chance, with a mark. `null`: where they were sent to. */
  readonly otherTranslations?: readonly (Translated | null)[];
  readonly rules: readonly { readonly file: string; readonly line: number; readonly column: number }[];
}

/** What `postern openings` answers (shape: schemas/openings.schema.json). */
export interface OpeningsReport {
  readonly schemaVersion: '1';
  /** A family of which nothing was given is neither open nor closed. */
  readonly families: { readonly ipv4: FamilyStatus; readonly ipv6: FamilyStatus };
  readonly openings: readonly Opening[];
  readonly coverage: readonly CoverageLine[];
}
