import type { AddressCondition, Condition, FieldCondition } from './condition.ts';
import type { Expected } from './conntrack-helpers.ts';

/** What a rule does with a packet; actions happen in order. */
export type Action =
  /** Ends this base chain (`accept`) or the packet (`drop`, `reject`). */
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop' | 'reject' }
  /** Back to the rule after the jump; in a base chain, the policy. */
  | { readonly kind: 'return' }
  | { readonly kind: 'jump'; readonly chain: string }
  /** Like a jump, but the target's end returns to where the present chain would return. */
  | { readonly kind: 'goto'; readonly chain: string }
  /** A further condition after earlier actions; where it fails the rule ends and the next rule runs. */
  | { readonly kind: 'require'; readonly match: Condition }
  | AssignAction
  /** The field gets a value that postern does not know (HMARK; `tcp dport set …` of nftables, `ip daddr set …`). */
  | { readonly kind: 'forget'; readonly field: ForgettableField }
  /** Connection tracking passes the packet by (`NOTRACK`, `CT --notrack`); it is `untracked` from here on. */
  | { readonly kind: 'notrack' }
  | TranslateAction
  /** Somebody else decides (NFQUEUE, QUEUE, an unknown target): any of `outcomes` may happen. */
  | {
      readonly kind: 'unknown';
      readonly outcomes: readonly ('accept' | 'drop' | 'continue')[];
      readonly text: string;
    }
  /** No effect on the verdict (LOG, counters, TRACE, …). */
  | {
      readonly kind: 'note';
      readonly text: string;
      readonly zone?: ConnectionZone;
      /** It gives connections a helper, or expects others, which conntrack then calls related (`CT --helper`, `ct helper set`): of which protocols. */
      readonly expects?: Expected;
      /** See {@link Tracks}. */
      readonly tracks?: Tracks;
    };

/**
 * What a target prepares for a packet's connection makes that tracked, whatever keeps it out behind it (net/netfilter/xt_CT.c,
 * xt_ct_target; net/netfilter/nft_ct.c, nft_notrack_eval): `first` where nothing has kept it out before (`CT --zone`, `CT --helper`),
 * `always` even so (`ct zone set`: nft_ct_set_zone_eval). Tried in the kernel.
 */
export type Tracks = 'first' | 'always';

/**
 * The zone in which connection tracking looks the packet up, given before it does so; the first that a packet gets stays
 * (`CT --zone`, `ct zone set`). Verdicts do not depend on it; which replies belong to a connection does.
 */
export interface ConnectionZone {
  /** Absent: it is not known which (`--zone mark`, a map). */
  readonly id?: number;
  /** Whether it counts for both directions of the connection that the packet begins, or as what it is looked up, or for one. Where that is unknown so is the id. */
  readonly direction: 'both' | 'original' | 'reply' | 'unknown';
  /** Unknown, but packets with the same ends and interfaces get the same. */
  readonly byEnds?: true;
}

export type AssignableField = 'mark' | 'ctmark' | 'tos' | 'ttl' | 'tcpFlags';

/**
 * What rules may write into a packet past its connection. With an address or a port of the packet's goes that of its connection
 * (`origSrc`, …), which may begin behind the rule.
 */
export type ForgettableField =
  | AssignableField
  | Exclude<AddressCondition['field'], 'origSrc' | 'origDst'>
  | Exclude<FieldCondition['field'], 'state' | 'origSport' | 'origDport'>;

/**
 * `field := (field & keep) ^ (from & take) ^ xor`, bit by bit, which says every form of MARK, CONNMARK, TOS and
 * DSCP targets. `from` is the other mark (`CONNMARK --save-mark`: field ctmark, from mark). `plus` is added last, and
 * what comes out is kept between 0 and 255: only a TTL has it (`TTL --ttl-inc`; net/netfilter/xt_HL.c).
 */
export interface AssignAction {
  readonly kind: 'assign';
  readonly field: AssignableField;
  readonly keep: number;
  readonly from?: 'mark' | 'ctmark';
  readonly take?: number;
  readonly xor: number;
  readonly plus?: number;
}

/** Address and port translation of the connection's first packet. It ends the chain as an accept does. */
export interface TranslateAction {
  readonly kind: 'translate';
  /** `dnat` covers REDIRECT and NETMAP in prerouting and output, `snat` MASQUERADE and the rest. */
  readonly what: 'dnat' | 'snat';
  /** Absent: the address stays. `range`: any address of the range. `prefix`: the host bits stay (NETMAP).
   * `local`: an address of this host (REDIRECT: the incoming interface's; MASQUERADE: the outgoing one's). */
  readonly address?:
    | { readonly kind: 'range'; readonly lo: bigint; readonly hi: bigint }
    | { readonly kind: 'prefix'; readonly mask: bigint; readonly value: bigint }
    | { readonly kind: 'local' };
  /** Absent: the port stays (source translation may still pick another). */
  readonly port?: { readonly lo: number; readonly hi: number };
  /** The source gets any port that it may have, whatever it has (`--random`, `--random-fully`; `random`, `fully-random`). */
  readonly random?: true;
}
