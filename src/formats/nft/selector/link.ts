import { contains } from '../../../packet/ranges.ts';
import {
  ALWAYS,
  allOf,
  anyOf,
  type Condition,
  type InterfacePattern,
  NEVER,
  negate,
} from '../../../rule/condition.ts';
import type { MakeOpaque, TableContext } from '../lower/context.ts';
import { TYPES } from '../types/datatypes.ts';
import { interfaceNamed, numeric, type Leaf, ofFamily, type Read } from './leaf.ts';
import { interfaceOf } from './lookup.ts';

/** EtherTypes of tags, behind which the packet's own one stands (IEEE 802.1Q; include/uapi/linux/if_ether.h). */
const TAGS: readonly bigint[] = [0x8100n, 0x88a8n, 0x9100n, 0x9200n, 0x9300n];

/** A field of the frame that a packet comes in; undefined for other headers. */
export function linkField(
  protocol: string,
  field: string,
  context: TableContext,
  open: MakeOpaque,
): Read | undefined {
  switch (protocol) {
    case 'ether':
      return etherField(field, open);
    case 'vlan':
      return vlanField(field, context, open);
    case 'arp':
      return arpField(field, context);
    default:
      return undefined;
  }
}

/** What every ARP packet of IPv4 over Ethernet has (RFC 826), and `arptables-nft` asks for in each rule. */
const ARP: Readonly<Record<string, { readonly bits: number; readonly is: bigint }>> = {
  htype: { bits: 16, is: 1n },
  ptype: { bits: 16, is: 0x800n },
  hlen: { bits: 8, is: 6n },
  plen: { bits: 8, is: 4n },
};

/**
 * nft asks for ARP first (src/proto.c, proto_arp): no packet of IP is one. In a table about ARP each is; what asks for some addresses there
 * is not followed.
 */
function arpField(field: string, { table }: TableContext): Read {
  if (table.family !== 'arp') return { guard: NEVER };
  const constant = ARP[field];
  if (constant === undefined) return { guard: /addr/.test(field) ? NEVER : ALWAYS };
  const { bits, is } = constant;
  const member: Leaf['member'] = (values) => (contains(values, is) ? ALWAYS : NEVER);
  return { key: `arp ${field}`, type: { name: 'integer', bits }, guard: ALWAYS, member };
}

function etherField(field: string, open: MakeOpaque): Read {
  if (field === 'saddr') return numeric('mac', TYPES.mac, negate(interfaceNamed('in', 'lo')));
  // Not every device has frames of Ethernet; without one the rule ends.
  return field === 'type' ? typeOf(open(false, 'in a frame of Ethernet'), open) : { guard: ALWAYS };
}

/** The EtherType of an IP packet: its family's, or a tag's. */
function typeOf(guard: Condition, open: MakeOpaque): Read {
  return {
    key: 'type of the frame',
    type: TYPES.ethertype,
    guard,
    member: (values) =>
      anyOf([
        ...(contains(values, 0x800n) ? [allOf([ofFamily(4), open(false)])] : []),
        ...(contains(values, 0x86ddn) ? [allOf([ofFamily(6), open(false)])] : []),
        ...(TAGS.some((tag) => contains(values, tag)) ? [open(false, 'of a tag')] : []),
      ]),
  };
}

/**
 * A tag's field; without a tag the rule ends. What a device itself hands to IP has no tag but that of no VLAN, 0: with another one it is
 * not for this device (net/core/dev.c, __netif_receive_skb_core: PACKET_OTHERHOST, which ip_rcv drops).
 */
function vlanField(field: string, context: TableContext, open: MakeOpaque): Read {
  const guard = open(false, 'in a frame with a tag');
  if (field === 'type') return typeOf(guard, open);
  const under = ofVlans(context);
  if (field !== 'id' || under === undefined) return { guard };
  return {
    key: 'vlan id',
    type: { name: 'integer', bits: 12 },
    guard,
    member: (values) => (contains(values, 0n) ? open(false) : allOf([under, open(false)])),
  };
}

/** The packet is of a VLAN of the table's devices; undefined where its chains hang on hooks of IP. */
function ofVlans({ table, hooks }: TableContext): Condition | undefined {
  const at = [...hooks()];
  const [hook] = at;
  if (at.length !== 1 || (hook !== 'ingress' && hook !== 'egress')) return undefined;
  const devices = [...table.chains.values()].flatMap((chain) => chain.hook?.devices ?? []);
  const names = devices.flatMap(vlansOf);
  if (names.length < devices.length || names.length === 0) return undefined;
  const tagged = names.map((pattern): InterfacePattern => ({ ...pattern, tagged: true }));
  return { kind: 'interface', field: hook === 'egress' ? 'out' : 'in', names: tagged };
}

/** The names that the VLANs of a device have as long as nobody gives them others (`ip link add link eth0 name eth0.5`). */
export function vlansOf(device: string): readonly InterfacePattern[] {
  const { name, prefix } = interfaceOf(device);
  return prefix || name === 'lo' ? [] : [{ name: `${name}.`, prefix: true, implied: true }];
}
