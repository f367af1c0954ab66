import type { ConnectionState } from '../packet/packet.ts';
import type { Ranges } from '../packet/ranges.ts';
import type { SourceFile, Span } from '../text/source.ts';
import type { AddressSets } from './addresses.ts';
import type { Delivery } from './delivery.ts';
import type { BaselineReference } from './deployment.ts';
import type { PortTerm } from './ports.ts';

/** A baseline file as read and checked: every name in it is defined, every port and address is one. */
export interface Baseline {
  readonly id: string;
  readonly title: string;
  readonly product?: string;
  readonly description?: string;
  /** The document that the rows are from: title, publisher, section, edition, url, license, sha256. */
  readonly document: Readonly<Record<string, string>>;
  /** Baselines that count wherever this one does; paths are relative to this one's folder. */
  readonly extends: readonly BaselineReference[];
  /** What {@link extends} comes to, all the way down, each once; empty until extends.ts has found them. */
  readonly includes: readonly Baseline[];
  readonly closed: Closed;
  readonly roles: ReadonlyMap<string, Role>;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly features: ReadonlyMap<string, Feature>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly tables: ReadonlyMap<string, Table>;
  readonly rows: readonly Row[];
  /** Digests of the document's lines that look like connections and stand in no table; undefined where nobody noted them. */
  readonly lines?: readonly string[];
  /** What somebody has still to decide about the whole document; rows have their own. */
  readonly review: readonly { readonly text: string; readonly span: Span }[];
  readonly source: SourceFile;
  /** Hex SHA-256 of the file's text (UTF-8). */
  readonly sha256: string;
}

/** By direction: whether what no row documents is excess. */
export interface Closed {
  readonly in: boolean;
  readonly out: boolean;
  readonly forward: boolean;
}

/** A party that the document names. */
export interface Role {
  readonly title: string;
  /** The document's own words for it. */
  readonly names: readonly string[];
  readonly description?: string;
  /** DNS names that the document gives; the site writes their addresses down. */
  readonly dns: readonly string[];
  /** Addresses that the document itself or a standard fixes (`ff02::1`); a deployment need not bind the role. */
  readonly addresses?: AddressSets;
  /** While nobody binds the role, one of these addresses is enough; absent: one of any. */
  readonly within?: AddressSets;
  /** Every checked host has this role beside its own. */
  readonly everyHost: boolean;
  /** Where it differs from the baseline's. */
  readonly closed: Partial<Closed>;
}

/** Ports that the site sets. */
export interface Parameter {
  readonly title: string;
  /** `port`: exactly one; `range`: one range; `ports`: any set, the empty one too. */
  readonly type: 'port' | 'ports' | 'range';
  readonly default?: Ranges;
}

/** Something that the site has or has not. */
export interface Feature {
  readonly title: string;
  /**
   * What holds while the site says nothing. `undecided`: the rows are undetermined; `optional`: they are documented
   * and never missing.
   */
  readonly default: boolean | 'undecided' | 'optional';
  /** Other features of the baseline, of which one is needed for this one, unless the site says something of this one. */
  readonly any?: readonly string[];
}

/** Where a deployment declares the cluster, the member role also has the primary role's connections. */
export interface Cluster {
  readonly title: string;
  readonly primary: string;
  readonly member: string;
}

/** A table (or a list) of the document. */
export interface Table {
  readonly title: string;
  readonly section?: string;
  readonly index?: number;
  readonly columns?: readonly string[];
}

/** One row of the document: its text, and apart from that what it is taken to mean. */
export interface Row {
  readonly id: string;
  readonly table?: string;
  readonly row?: number | string;
  /** Column headings and texts exactly as written; descriptions and notes of the document are not repeated. */
  readonly cells: Readonly<Record<string, string>>;
  /** See digest.ts. */
  readonly digest?: string;
  /** In the baseline author's words. */
  readonly note?: string;
  /** What somebody has still to decide. */
  readonly review: readonly string[];
  /** What is judged. */
  readonly connections: readonly Connection[];
  /** What the row says as written, where a reading replaces it. */
  readonly written: readonly Connection[];
  /** For reports: where the row stands, and its cells joined by ` | `. */
  readonly document: { readonly row: string; readonly text: string };
  readonly origin: Span;
}

export type Level = 'required' | 'optional' | 'prohibited';

/** One directed connection. */
export interface Connection {
  /** The row's id, with a suffix after a dot where the row has several connections. */
  readonly id: string;
  /** A role of the baseline, `any` or `internet`. */
  readonly source: string;
  readonly destination: string;
  readonly protocols: readonly number[];
  /** Destination ports; absent: all, or the protocols have none. */
  readonly ports?: readonly PortTerm[];
  readonly sourcePorts?: readonly PortTerm[];
  readonly icmp?: readonly IcmpType[];
  /** The TTL or hop limit that the packets have when they arrive; absent: any. */
  readonly hopLimit?: number;
  /** Where the packets go; absent: to the destination's own addresses. */
  readonly delivery?: Delivery;
  /** Nobody answers, so that no reply has to get back. */
  readonly reply?: 'none';
  readonly states: readonly ConnectionState[];
  readonly families: readonly (4 | 6)[];
  readonly level: Level;
  /** It applies where the site has all of them. */
  readonly features: readonly string[];
  readonly cluster?: string;
  readonly loopback: boolean;
  /** Why this differs from the row as written, where it does. */
  readonly because?: string;
}

export interface IcmpType {
  readonly type: number;
  /** Absent: any. */
  readonly code?: number;
}

/** Names that stand for parties without being roles. */
export const ANY = 'any';
export const INTERNET = 'internet';
