import type { Selector, Value } from '../ast/ast.ts';
import { TYPES } from '../types/datatypes.ts';
import { readNumber } from '../types/read-number.ts';

/**
 * The headers of the link that a rule has asked for. nft puts a VLAN's tag on top of a frame's header only as long as it knows no network
 * protocol behind it (src/evaluate.c of nftables, resolve_ll_protocol_conflict); in tables of one protocol it begins to look below that with the
 * first header of the link.
 */
export class LinkHeaders {
  private top: 'ether' | 'vlan' | undefined;

  /** @param ofOne the table is of one network protocol */
  constructor(private readonly ofOne: boolean) {}

  /** A header is read; false where a tag stands behind what cannot have one. */
  read(protocol: string, network: string | undefined): boolean {
    if (protocol === 'ether') this.top ??= 'ether';
    if (protocol !== 'vlan' || this.top === 'vlan') return true;
    const begins = this.ofOne && this.top === undefined;
    if (!begins && network !== undefined) return false;
    this.top = 'vlan';
    return true;
  }

  /** A comparison with one value or a set: the frame has a tag, or is one of Ethernet. */
  learn(selector: Selector, right: Value): void {
    if (right.kind === 'set') for (const { key } of right.elements) this.learn(selector, key);
    if (right.kind !== 'symbol') return;
    if (selector.kind === 'meta' && selector.key === 'iiftype' && right.text === 'ether')
      this.top ??= 'ether';
    if (selector.kind !== 'payload' || selector.protocol !== 'ether' || selector.field !== 'type') return;
    const type = readNumber(right, TYPES.ethertype);
    if (type === 0x8100n || type === 0x88a8n) this.top = 'vlan';
  }
}
