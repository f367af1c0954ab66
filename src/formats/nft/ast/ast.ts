/**
 * What a ruleset says, before it is given a meaning. The words are those of `nft(8)` and libnftables-json(5), so that
 * the text and the JSON listing of one ruleset give one tree.
 */

import type { Expected } from '../../../rule/conntrack-helpers.ts';
import type { Rule } from './statement.ts';
import type { Element, Family, Place } from './value.ts';
import type { ValueType } from '../types/data-type.ts';

export type { CompareOp, Rule, Sent, Statement } from './statement.ts';
export type {
  BinaryOp,
  Element,
  Family,
  Place,
  RawBytes,
  Selector,
  SymbolValue,
  Value,
  Verdict,
} from './value.ts';

/** `type filter hook input priority 0; policy drop;` */
export interface Hook extends Place {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: string;
  readonly priority: number;
  readonly devices: readonly string[];
}

/** What a listing gives a number of the kernel's (`nft -a`), by which later commands name it. */
export interface Handled {
  readonly handle?: number;
}

export interface Chain extends Place, Handled {
  readonly name: string;
  hook: Hook | undefined;
  policy: 'accept' | 'drop';
  /** Order of registration among all base chains. */
  sequence: number;
  rules: Rule[];
  /** What an index counts, where the script has taken rules away: those too (src/formats/nft/script/chain-rules.ts). */
  counted?: Rule[];
}

export interface NamedSet extends Place, Handled {
  readonly name: string;
  /** Whether its elements carry data. */
  readonly isMap: boolean;
  /** Whether the data are verdicts. */
  readonly verdicts: boolean;
  /** What each of its elements counts and limits. */
  readonly counts?: readonly string[];
  /** How many elements it can have. */
  readonly size?: number;
  /** It is declared with elements: what lists it so leaves none out. */
  readonly listed?: boolean;
  /** The types of the elements' parts; undefined where nft alone knows one. */
  readonly keys?: readonly (ValueType | undefined)[];
  /** The types of the data's parts. */
  readonly data?: readonly (ValueType | undefined)[];
  /** The data are names of objects of this kind. */
  readonly objects?: string;
  /** The data may be ranges: `type ipv4_addr : interval ipv4_addr`. */
  readonly spans?: boolean;
  /** interval, timeout, constant, dynamic, auto-merge */
  readonly flags: ReadonlySet<string>;
  /** Its elements have a limit, a quota or a connection count. */
  readonly stateful: boolean;
  elements: Element[];
}

/** A counter, a quota, a limit, a helper or the like. */
export interface TableObject extends Place, Handled {
  /** Of a helper or an expectation, where it is said: of which protocols the connections are that conntrack calls related for it. */
  expects?: Expected;
}

export interface Table extends Place, Handled {
  readonly family: Family;
  readonly name: string;
  dormant: boolean;
  /** Its rules are what nft makes of those of iptables-nft. */
  translated?: boolean;
  readonly chains: Map<string, Chain>;
  readonly sets: Map<string, NamedSet>;
  readonly flowtables: Map<string, Place & Handled>;
  /** Counters, quotas, limits, helpers and the like by `kind name`. */
  readonly objects: Map<string, TableObject>;
  /** Where commands took things away, by `kind name` (src/formats/nft/script/still-named.ts). */
  gone?: Map<string, Place>;
}
