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
  /** What it counts and limits by itself: `counter`, `limit`, `quota`, `ct`. */
  readonly counts?: readonly string[];
  /** Which of several commands added it to a set of concatenations of intervals; absent of the first, and of what it is declared with. */
  readonly command?: number;
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
      /** Wherever it can be read it is one of these. */
      readonly always?: { readonly from: bigint; readonly to: bigint };
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

export type Verdict = Place &
  (
    | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
    | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  );
