import type { Place, Selector, Value, Verdict } from './value.ts';

export type CompareOp = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'implicit';

/** One statement of a rule (`nft(8)`, STATEMENTS and EXPRESSIONS). */
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
      /** `random` or `fully-random`. */
      readonly random?: true;
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
      /** What each element counts and limits: `counter`, `limit`, `quota`, `ct`, `last`. */
      readonly counts?: readonly string[];
      /** Each element counts connections. */
      readonly connections?: boolean;
      /** Each element has a time of its own. */
      readonly times?: boolean;
      /** The meter that it makes. */
      readonly meter?: string;
      /** What else is read of the packet: where it cannot be, or its map has no answer, the rule ends. */
      readonly reads?: readonly Selector[];
      /** The kind of the objects that a map of these gives. */
      readonly gives?: string;
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
      /** What the map gives for it, where that is said. */
      readonly data?: Selector;
      /** What else is read of the packet: where it cannot be, or its map has no answer, the rule ends. */
      readonly reads?: readonly Selector[];
      /** The kind of the objects that a map of these gives. */
      readonly gives?: string;
      readonly sent?: Sent;
    })
  /** A target of iptables, of which the listing has the name only. */
  | (Place & { readonly kind: 'xt'; readonly name: string; readonly text: string })
  /** Another program or an unmodelled statement decides. */
  | (Place & {
      readonly kind: 'unknown';
      readonly outcomes: readonly ('accept' | 'drop' | 'continue')[];
      readonly text: string;
      /** The object that it names, as `synproxy x`. */
      readonly refers?: string;
      readonly reads?: readonly Selector[];
      readonly gives?: string;
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
