/**
 * What a ruleset says, before it is given a meaning. The words are those of `nft(8)` and libnftables-json(5), so that
 * the text and the JSON listing of one ruleset give one tree.
 */

import type { ValueType } from './data-type.ts';

/** A stretch of the file, `[start, end)`, in UTF-16 offsets. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

/** A value as it is written: what it is depends on what it is compared with. */
export interface SymbolValue extends Place {
  readonly kind: 'symbol';
  readonly text: string;
  readonly quoted: boolean;
  /** The number of an IPv4 address, where it was read as one. */
  readonly address?: number;
}

/** What can stand on the right of a comparison, in a set, or be assigned. */
export type Value =
  | SymbolValue
  | (Place & { readonly kind: 'prefix'; readonly base: Value; readonly length: number })
  | (Place & { readonly kind: 'range'; readonly lo: Value; readonly hi: Value })
  | (Place & { readonly kind: 'concat'; readonly of: readonly Value[] })
  /** `a,b`: bits of a bit mask. */
  | (Place & { readonly kind: 'list'; readonly of: readonly Value[] })
  | (Place & { readonly kind: 'binary'; readonly op: BinaryOp; readonly left: Value; readonly right: Value })
  | (Place & { readonly kind: 'set'; readonly elements: readonly Element[] })
  | (Place & { readonly kind: 'set-ref'; readonly name: string })
  /** `*` */
  | (Place & { readonly kind: 'any' });

export type BinaryOp = '&' | '|' | '^' | '<<' | '>>';

/** An element of a set (a value) or of a map (a value with data). */
export interface Element extends Place {
  readonly key: Value;
  readonly data?: Value | Verdict;
  /** It has a limit, a quota or a connection count of its own: whether it answers is not in the file. */
  readonly stateful: boolean;
  /** It runs out after a time. */
  readonly times?: boolean;
}

/** What is read of a packet. */
export type Selector =
  | (Place & { readonly kind: 'payload'; readonly protocol: string; readonly field: string })
  | (Place & { readonly kind: 'meta'; readonly key: string })
  | (Place & {
      readonly kind: 'ct';
      readonly key: string;
      readonly direction?: 'original' | 'reply';
      readonly family?: 'ip' | 'ip6';
    })
  | (Place & { readonly kind: 'fib'; readonly flags: readonly string[]; readonly result: string })
  | (Place & { readonly kind: 'exthdr'; readonly header: string; readonly field?: string })
  | (Place & { readonly kind: 'concat'; readonly of: readonly Selector[] })
  | (Place & {
      readonly kind: 'binary';
      readonly op: BinaryOp;
      readonly left: Selector;
      readonly right: Value;
    })
  /** `tcp dport map { … }`: what the map gives. */
  | (Place & { readonly kind: 'map'; readonly key: Selector; readonly data: Value })
  | (Place & { readonly kind: 'value'; readonly value: Value })
  /** Read from something that postern has no fields for (numgen, socket, raw payload, …). */
  | (Place & {
      readonly kind: 'other';
      readonly stateful: boolean;
      /** Its words, where `nft describe` knows their type. */
      readonly words?: string;
      /** Raw bits of a header (`@th,16,8`). */
      readonly raw?: RawBytes;
      /** How many bits, where it is a number. */
      readonly bits?: number;
      /** The greatest value (`mod 2` and its offset). */
      readonly most?: bigint;
      /** What a hash is made of. */
      readonly of?: readonly Selector[];
      /** The header whose options it reads, and whether it only asks for an option. */
      readonly optionOf?: string;
      readonly existence?: boolean;
      /** The kernel can set it. */
      readonly assignable?: boolean;
    });

/** Bits of a header by where they stand: of the link, network or transport layer, or behind it (`ll`, `nh`, `th`, `ih`). */
export interface RawBytes {
  readonly base: string;
  /** In bits. */
  readonly offset: number;
  readonly bits: number;
}

export type CompareOp = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'implicit';

export type Verdict = Place &
  (
    | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
    | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  );

export type Statement =
  | (Place & {
      readonly kind: 'match';
      readonly left: Selector;
      readonly op: CompareOp;
      readonly right: Value;
      /** `flags syn / fin,syn,rst,ack`: the bits that are looked at. */
      readonly mask?: Value;
      /** `! established`: the mask is what is asked for, and none of its bits is to be set. */
      readonly none?: boolean;
      /** As written, without variables. */
      readonly text: string;
    })
  | (Place & {
      readonly kind: 'vmap';
      readonly key: Selector;
      readonly data: Value;
      readonly text: string;
    })
  | (Place & { readonly kind: 'verdict'; readonly verdict: Verdict })
  /** `jump { … }`: a chain without a name. */
  | (Place & { readonly kind: 'block'; readonly call: 'jump' | 'goto'; readonly rules: readonly Rule[] })
  /** `with`: what it answers with, where that is said; a listing leaves out what nft asks because of it. */
  | (Place & { readonly kind: 'reject'; readonly with?: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp' })
  | (Place & { readonly kind: 'notrack' })
  | (Place & {
      readonly kind: 'assign';
      readonly to: Selector;
      readonly from: Selector;
      readonly text: string;
    })
  | (Place & {
      readonly kind: 'nat';
      readonly what: 'dnat' | 'snat' | 'redirect' | 'masquerade';
      readonly family?: 'ip' | 'ip6';
      readonly prefix: boolean;
      /** `addr . port`: it says that an address and a port are given together. */
      readonly withPort?: boolean;
      readonly address?: Selector;
      readonly port?: Value;
      /** The port where it is no plain value: what a map gives. */
      readonly portFrom?: Selector;
      readonly text: string;
    })
  /** `limit`, `quota`, `ct count`, meters, additions to sets that may be full: holds or not. */
  | (Place & {
      readonly kind: 'uncertain';
      readonly text: string;
      readonly changes?: string;
      /** What is added to the set that it changes. */
      readonly key?: Selector;
      /** What a map is to give for it. */
      readonly data?: Selector;
      /** Each element counts connections. */
      readonly connections?: boolean;
      /** The meter that it makes. */
      readonly meter?: string;
      /** What else is read of the packet: where it cannot be, or its map has no answer, the rule ends. */
      readonly reads?: readonly Selector[];
      readonly sent?: Sent;
      /** The object that it names, as `limit x`. */
      readonly refers?: string;
    })
  /** Counters, logs and the like. */
  | (Place & {
      readonly kind: 'note';
      readonly text: string;
      readonly told?: string;
      /** The object that it names, as `counter x`, or the set that it takes an element out of. */
      readonly refers?: string;
      /** What is taken out of that set. */
      readonly key?: Selector;
      /** What else is read of the packet: where it cannot be, or its map has no answer, the rule ends. */
      readonly reads?: readonly Selector[];
      readonly sent?: Sent;
    })
  /** Another program or an unmodelled statement decides. */
  | (Place & {
      readonly kind: 'unknown';
      readonly outcomes: readonly ('accept' | 'drop' | 'continue')[];
      readonly text: string;
      readonly sent?: Sent;
    });

/** Where a packet or a copy of it is sent: by `dup`, `fwd` and `tproxy`. */
export interface Sent {
  readonly what: 'dup' | 'fwd' | 'tproxy';
  readonly family?: 'ip' | 'ip6';
  /** An address; in netdev tables a device. */
  readonly address?: Selector;
  readonly port?: Selector;
  readonly device?: Selector;
}

export interface Rule extends Place {
  /** The number that the kernel gave the rule, where a listing says so. */
  readonly handle?: number;
  readonly statements: readonly Statement[];
}

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
  /** What an index counts, where the script has taken rules away: those too (src/formats/nft/chain-rules.ts). */
  counted?: Rule[];
}

export interface NamedSet extends Place, Handled {
  readonly name: string;
  /** Whether its elements carry data. */
  readonly isMap: boolean;
  /** Whether the data are verdicts. */
  readonly verdicts: boolean;
  /** How many elements it can have. */
  readonly size?: number;
  /** It is declared with elements: what lists it so leaves none out. */
  readonly listed?: boolean;
  /** The types of the elements' parts; undefined where nft alone knows one. */
  readonly keys?: readonly (ValueType | undefined)[];
  /** The types of the data's parts. */
  readonly data?: readonly (ValueType | undefined)[];
  /** The data may be ranges: `type ipv4_addr : interval ipv4_addr`. */
  readonly spans?: boolean;
  /** interval, timeout, constant, dynamic, auto-merge */
  readonly flags: ReadonlySet<string>;
  /** Its elements have a limit, a quota or a connection count. */
  readonly stateful: boolean;
  elements: Element[];
}

export interface Table extends Place, Handled {
  readonly family: Family;
  readonly name: string;
  dormant: boolean;
  readonly chains: Map<string, Chain>;
  readonly sets: Map<string, NamedSet>;
  readonly flowtables: Map<string, Place & Handled>;
  /** Counters, quotas, limits, helpers and the like by `kind name`. */
  readonly objects: Map<string, Place & Handled>;
}
