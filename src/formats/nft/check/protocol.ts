import type { Family, Place, Selector, Value } from '../ast/ast.ts';
import { TYPES } from '../types/datatypes.ts';
import { LinkHeaders } from './link-headers.ts';
import { MessageType } from '../selector/message-type.ts';
import type { Problems } from '../problems.ts';
import {
  BRIDGED,
  NETWORK_OF_FAMILY,
  NETWORK_OF_FRAME,
  NETWORK_OF_MESSAGE,
  NUMBERS,
  TRANSPORT,
} from '../types/protocol-names.ts';
import { readNumber } from '../types/read-number.ts';

/**
 * What a rule has said of a packet's protocols so far; a header of another one cannot be looked at behind it
 * (src/proto.c and src/payload.c of nftables, proto_ctx_update, payload_gen_dependency).
 */
export class Protocols {
  network: string | undefined;
  /** What has been said of the transport protocol, each once: nft forgets none of it (src/proto.c, proto_ctx_update). */
  private readonly said = new Set<string>();
  private readonly message = new MessageType();
  private readonly link: LinkHeaders;

  /** A named set of transport protocols was asked for, whose elements nft takes for the right ones (from 1.1.6 on). */
  ofNamedSet = false;

  /** What was said last of the transport protocol. */
  transport: string | undefined;

  constructor(
    private readonly family: Family,
    private readonly problems: Problems,
  ) {
    this.network = family === 'ip' || family === 'ip6' || family === 'arp' ? family : undefined;
    this.link = new LinkHeaders(this.network !== undefined);
  }

  /** An expression that reads a header. */
  read(selector: Selector): boolean {
    if (selector.kind === 'concat') return selector.of.every((one) => this.read(one));
    if (selector.kind === 'binary') return this.read(selector.left);
    if (selector.kind === 'map') return this.read(selector.key);
    if (selector.kind === 'exthdr') return this.extension(selector);
    if (selector.kind === 'meta' && selector.key === 'nfproto' && this.family !== 'inet')
      return this.wrong(
        selector,
        'only packets of an inet table have a choice of families',
        'no `meta nfproto`',
      );
    // net/netfilter/nft_meta.c, nft_meta_get_init.
    if (selector.kind === 'meta' && selector.key === 'nftrace')
      return this.wrong(selector, 'this can only be set', '`meta nftrace set 1`');
    if (selector.kind === 'meta' && BRIDGED.test(selector.key) && this.family !== 'bridge')
      return this.wrong(selector, `a table of ${this.family} knows no bridge`, 'a table of bridge');
    if (selector.kind === 'fib' && (this.family === 'arp' || this.family === 'bridge'))
      return this.wrong(
        selector,
        `a table of ${this.family} cannot ask for routes`,
        'a table of ip, ip6 or inet',
      );
    if (selector.kind === 'ct') return this.connection(selector);
    if (selector.kind === 'other') return this.other(selector);
    if (selector.kind !== 'payload') return true;
    const { protocol } = selector;
    if (protocol === 'ip' || protocol === 'ip6' || protocol === 'arp') return this.header(protocol, selector);
    // In a listing the tag stands behind the header below it.
    if (!this.link.read(protocol, this.network) && !this.problems.listing)
      return this.conflict(this.network === undefined ? 'ether' : this.network, protocol, selector);
    if (!TRANSPORT.has(protocol)) return true;
    // Where the transport protocol is known nft asks no more for the one below (src/payload.c, payload_gen_dependency).
    if (this.said.size === 0 && (this.network === 'arp' || this.network === 'unknown'))
      return this.conflict(this.network, protocol, selector);
    for (const before of this.said) if (before !== protocol) return this.conflict(before, protocol, selector);
    if (this.said.size === 0) this.network ??= NETWORK_OF_MESSAGE.get(protocol);
    this.say(protocol);
    if (this.message.before(selector) === 'another')
      return this.wrong(
        selector,
        'the rule is about messages without this field',
        'a field that these messages have',
      );
    this.message.read(selector);
    return true;
  }

  /** An address of a connection is one of the family that is said, or of the one that the rule is about. */
  private connection(selector: Extract<Selector, { kind: 'ct' }>): boolean {
    const { key, family, direction } = selector;
    // The kernel tracks none of these (net/netfilter/nf_conntrack_proto.c, nf_ct_netns_get).
    if (this.family === 'arp' || this.family === 'netdev')
      return this.wrong(
        selector,
        `packets have no connection yet in a table of ${this.family}`,
        `no \`ct\` in a table of ${this.family}`,
      );
    // Ports need no protocol in front of them: nft asks for one, and leaves it out of its own listing.
    if (key !== 'saddr' && key !== 'daddr') return true;
    if (direction === undefined)
      return this.wrong(
        selector,
        'which direction of the connection is not said',
        `\`ct original ${key}\` or \`ct reply ${key}\``,
      );
    const known = this.network === 'ip' || this.network === 'ip6' ? this.network : undefined;
    if (family === undefined && known === undefined)
      return this.wrong(
        selector,
        'the family of this address is not said',
        `\`ct original ip ${key}\` or \`ct original ip6 ${key}\``,
      );
    if (family === undefined && this.family === 'bridge')
      return this.wrong(
        selector,
        'the family of this address is not said',
        `\`ct ${direction} ${known} ${key}\``,
      );
    if (family === undefined || known === undefined || family === known) return true;
    return this.conflict(known, family, selector);
  }

  /** What a hash is made of; options and next hops of the family that the rule is about; what only IP tables can ask. */
  private other(selector: Extract<Selector, { kind: 'other' }>): boolean {
    const { of = [], optionOf, words = '' } = selector;
    if (/^(?:socket|ipsec)\b/.test(words) && !this.ip)
      return this.wrong(
        selector,
        `a table of ${this.family} cannot ask for this`,
        'a table of ip, ip6 or inet',
      );
    if (optionOf === 'ip' && this.network !== undefined && this.network !== 'ip')
      return this.wrong(selector, `packets of \`${this.network}\` have no such options`, 'an IPv4 packet');
    return of.every((one) => this.read(one)) && this.route(selector);
  }

  private get ip(): boolean {
    return this.family === 'ip' || this.family === 'ip6' || this.family === 'inet';
  }

  /** The next hop is an address of the family that the rule is about (src/evaluate.c of nftables, expr_evaluate_rt). */
  private route(selector: Extract<Selector, { kind: 'other' }>): boolean {
    const { words = '' } = selector;
    if (words === 'rt ip6 nexthop' && this.family === 'ip')
      return this.wrong(selector, 'the rule is about IPv4 packets', '`rt ip nexthop`');
    if (words !== 'rt nexthop' || this.network === 'ip' || this.network === 'ip6') return true;
    return this.wrong(
      selector,
      'the family of this address is not said',
      '`rt ip nexthop` or `rt ip6 nexthop`',
    );
  }

  private header(protocol: string, place: Place): boolean {
    // nft leaves the frame's type out of what it lists, which it then does not read in a table of IP.
    const listed = protocol === 'arp' && this.problems.listing;
    if (this.network !== undefined && this.network !== protocol && !listed)
      return this.conflict(this.network, protocol, place);
    // nft asks for a frame's type or tag before a header of ARP, and leaves the type out of its own listing.
    const before = protocol === 'arp' && this.network === undefined ? this.transport : undefined;
    if (before !== undefined && this.family === 'inet') return this.conflict(before, 'arp', place);
    this.network = protocol;
    return true;
  }

  /** Extension headers are IPv6's, so nft takes the rule for one about IPv6; `rt` names one of IPv6 too. */
  private extension(place: Place): boolean {
    if (this.network === 'ip' || this.network === 'arp')
      return this.wrong(place, `packets of \`${this.network}\` have no extension headers`, 'an IPv6 packet');
    this.network = 'ip6';
    return true;
  }

  /** A comparison with one value, or with a set: what follows knows the protocol. */
  learn(selector: Selector, right: Value): void {
    this.message.learn(selector, right);
    this.link.learn(selector, right);
    this.learnProtocol(selector, right);
  }

  private learnProtocol(selector: Selector, right: Value): void {
    if (right.kind === 'set') {
      for (const { key } of right.elements) this.learnProtocol(selector, key);
      return;
    }
    if (right.kind === 'set-ref' && selector.kind === 'meta' && selector.key === 'l4proto')
      this.ofNamedSet = true;
    if (right.kind !== 'symbol') return;
    const byHeader =
      selector.kind === 'payload' &&
      /^(?:ip protocol|ip6 nexthdr)$/.test(`${selector.protocol} ${selector.field}`);
    if (byHeader || (selector.kind === 'meta' && selector.key === 'l4proto')) {
      const number = readNumber(right, TYPES.protocol);
      const protocol = typeof number === 'bigint' ? NUMBERS[Number(number)] : undefined;
      // Of a header's field nft takes only what it knows headers of; of `meta l4proto` the others as unknown.
      if (!byHeader) this.say(protocol ?? 'unknown');
      else if (protocol !== undefined && protocol !== 'gre') this.say(protocol);
      return;
    }
    this.learnNetwork(selector, right);
  }

  /** What is said of the network protocol; in tables of one it is known. */
  private learnNetwork(selector: Selector, right: Value): void {
    const frames = this.family === 'bridge' || this.family === 'netdev';
    const key = selector.kind === 'payload' ? `${selector.protocol} ${selector.field}` : '';
    const isFrame = selector.kind === 'meta' && selector.key === 'protocol' && frames;
    // A frame's type is believed in every table: headers of ARP are asked behind it in one of IP too.
    if (isFrame || /^(?:ether|vlan) type$/.test(key)) {
      const type = readNumber(right, TYPES.ethertype);
      const network = typeof type === 'bigint' ? NETWORK_OF_FRAME.get(type) : undefined;
      // Behind a header's type that it does not know nft goes on; behind `meta protocol` it then knows no header.
      if (isFrame) this.network = network ?? 'unknown';
      else if (network !== undefined) this.network = network;
      return;
    }
    if (!frames && this.family !== 'inet') return;
    const isFamily =
      (selector.kind === 'meta' && selector.key === 'nfproto') ||
      (selector.kind === 'ct' && selector.key === 'l3proto');
    if (!isFamily) return;
    const family = readNumber(right, TYPES.nfproto);
    const network = typeof family === 'bigint' ? NETWORK_OF_FAMILY.get(family) : undefined;
    if (network !== undefined) this.network = network;
  }

  /** Whether ports are known to be there. */
  get hasTransport(): boolean {
    return this.transport !== undefined || this.ofNamedSet;
  }

  private say(protocol: string): void {
    this.said.add(protocol);
    this.transport = protocol;
  }

  private conflict(before: string, now: string, place: Place): false {
    return this.wrong(
      place,
      `the rule is about ${before} packets, and this is a header of ${now}`,
      `a field of ${before}`,
    );
  }

  private wrong(place: Place, message: string, expected: string): false {
    this.problems.error('conflicting-protocols', place, message, { expected });
    return false;
  }
}
