import type { Span } from '../text/source.ts';

/** A named set of addresses, ports and more, as `ipset save` prints it (`ipset(8)`) or as nft lists it. */
export interface NamedSet {
  readonly name: string;
  /** The type as written, `hash:net,port`. */
  readonly type: string;
  /** Undefined for types without a family (`bitmap:port`, `hash:mac`, `list:set`). */
  readonly family: 4 | 6 | undefined;
  readonly dimensions: readonly SetDimension[];
  readonly elements: readonly SetElement[];
  readonly origin: Span;
}

export type SetDimension = 'ip' | 'net' | 'port' | 'mac' | 'mark' | 'iface' | 'set';

export interface SetElement {
  readonly parts: readonly SetPart[];
  /** The element is an exception to a wider one (`nomatch`). */
  readonly nomatch: boolean;
  readonly origin: Span;
}

export type SetPart =
  /**
   * An inclusive range of addresses. `prefix` orders the lookup of `net` dimensions, longest first; in an `ip`
   * dimension it is the family's longest. With `mask` (a `bitmask` with holes) `lo` is `hi`, and the part has the
   * addresses for which `(address & mask) === lo`.
   */
  | {
      readonly kind: 'address';
      readonly family: 4 | 6;
      readonly lo: bigint;
      readonly hi: bigint;
      readonly prefix: number;
      readonly mask?: bigint;
    }
  /** `protocol` undefined only in `bitmap:port` (TCP and UDP). For ICMP the number is `type << 8 | code`. */
  | { readonly kind: 'port'; readonly protocol: number | undefined; readonly lo: number; readonly hi: number }
  /** `mac` undefined in a `bitmap:ip,mac` element that has none yet: it matches any. */
  | { readonly kind: 'mac'; readonly mac: number | undefined }
  /** The set's `markmask` is already applied to `value`; compare `packet.mark & mask`. */
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'iface'; readonly name: string; readonly wildcard: boolean; readonly physdev: boolean }
  /** Member of a `list:set`. */
  | { readonly kind: 'set'; readonly name: string };
