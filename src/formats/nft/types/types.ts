import type { ValueType } from './data-type.ts';
import { TYPES } from './datatypes.ts';
import { parseDate, parseDuration, parseHour } from './time.ts';

export type { ValueType } from './data-type.ts';

import expressions from '../data/expressions.json' with { type: 'json' };

/**
 * The types of nft's expressions: what `nft describe` says of each (`nft(8)`, DATA TYPES, PAYLOAD EXPRESSIONS and the
 * like). They are those of values in sets too, by the names that `type` takes.
 */
const EXPRESSIONS: Readonly<Record<string, string>> = expressions;

const names = (text: string, first = 0): Record<string, number> =>
  Object.fromEntries(text.split(' ').map((name, at) => [name, first + at]));

/** The name of an operating system or of a helper (MAXGENRELEN, NF_CT_HELPER_NAME_LEN), with the end of its text. */
const SHORT_TEXT: ValueType = { name: 'string', bits: 128, longest: 16 };

/** What `meta time` is compared with; `type time` is how long something takes. */
const DATE: ValueType = { name: 'date', bits: 64, parse: parseDate };

/**
 * Two numbers with a colon, or one number, of which 32 bits are kept; nft takes any other text than `root` for 0 (src/meta.c of
 * nftables, tchandle_type_parse; include/uapi/linux/pkt_sched.h, TC_H_ROOT).
 */
function parseClass(text: string): bigint {
  if (text === 'root') return 0xffff_ffffn;
  const found = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(text);
  if (found !== null) return BigInt(`0x${found[1]}`) * 65536n + BigInt(`0x${found[2]}`);
  if (!/^(?:\d+|0x[0-9a-fA-F]+)$/.test(text)) return 0n;
  const most = 2n ** 64n - 1n;
  return BigInt.asUintN(32, BigInt(text) > most ? most : BigInt(text));
}

const OTHERS: readonly ValueType[] = [
  { name: 'ifname', bits: 128, longest: 16 },
  { name: 'string', bits: 128, longest: 128 },
  { name: 'iface_index', bits: 32, open: true },
  { name: 'uid', bits: 32, open: true },
  { name: 'gid', bits: 32, open: true },
  { name: 'devgroup', bits: 32, open: true },
  { name: 'realm', bits: 32, open: true },
  { name: 'classid', bits: 32, parse: parseClass },
  { name: 'ct_label', bits: 128, bitmask: true, open: true, most: 127n },
  { name: 'time', bits: 64, parse: parseDuration },
  DATE,
  { name: 'hour', bits: 32, parse: parseHour, circular: true },
  { name: 'cgroupsv2', bits: 64, open: true },
  {
    name: 'day',
    bits: 3,
    most: 6n,
    names: names('Sunday Monday Tuesday Wednesday Thursday Friday Saturday'),
  },
  { name: 'boolean', bits: 1, names: { exists: 1, missing: 0 } },
  {
    name: 'arp_op',
    bits: 16,
    names: { ...names('request reply rrequest rreply', 1), inrequest: 8, inreply: 9, nak: 10 },
  },
  {
    name: 'iface_type',
    bits: 16,
    names: { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776, ipgre: 778 },
  },
  {
    name: 'dccp_pkttype',
    bits: 4,
    names: names('request response data ack dataack closereq close reset sync syncack'),
  },
  {
    name: 'igmp_type',
    bits: 8,
    names: {
      'membership-query': 17,
      'membership-report-v1': 18,
      'membership-report-v2': 22,
      'leave-group': 23,
      'membership-report-v3': 34,
    },
  },
  {
    name: 'mh_type',
    bits: 8,
    names: names(
      'binding-refresh-request home-test-init careof-test-init home-test careof-test binding-update ' +
        'binding-acknowledgement binding-error fast-binding-update fast-binding-acknowledgement ' +
        'fast-binding-advertisement experimental-mobility-header home-agent-switch-message',
    ),
  },
  {
    name: 'ct_event',
    bits: 32,
    bitmask: true,
    names: Object.fromEntries(
      'new related destroy reply assured protoinfo helper mark seqadj secmark label synproxy'
        .split(' ')
        .map((name, at) => [name, 2 ** at]),
    ),
  },
  {
    name: 'icmpx_code',
    bits: 8,
    names: { 'no-route': 0, 'port-unreachable': 1, 'host-unreachable': 2, 'admin-prohibited': 3 },
  },
  { name: 'bitmask', bits: 32, bitmask: true, open: true },
  { name: 'lladdr', bits: 48, parse: TYPES.mac.parse },
];

const BY_NAME: ReadonlyMap<string, ValueType> = new Map(
  [...Object.values(TYPES).filter(({ name }) => name !== 'integer'), ...OTHERS].map((type) => [
    type.name,
    type,
  ]),
);

/** Names that can stand behind `type` in a set. */
export const TYPE_NAMES: readonly string[] = [...BY_NAME.keys()].filter(
  (name) => !['bitmask', 'date', 'hour', 'day', 'string'].includes(name),
);

/** A type by its name. */
export function typeNamed(name: string): ValueType | undefined {
  return BY_NAME.get(name);
}

/** A number of so many bits. */
export function integerType(bits: number): ValueType {
  return { name: 'integer', bits };
}

/** A whole option of a header: one byte of it, or whether it is there. */
export const OPTION: ValueType = { name: 'boolean', bits: 8, names: { exists: 1, missing: 0 } };

/** The same in a set without a name, whose values nft 1.0.6 lists as protocols (`exthdr hbh { ip, icmp }`), and does not read so. */
export const LISTED_OPTION: ValueType = { ...OPTION, names: { ...OPTION.names, ip: 0, icmp: 1 } };

/** Numbers to which nft gives names from 1.1.2 on (RFC 8684, section 8.2; src/tcpopt.c of nftables). */
const MPTCP_SUBTYPE: ValueType = {
  ...integerType(4),
  names: names('mp-capable mp-join dss add-addr remove-addr mp-prio mp-fail mp-fastclose mp-tcprst'),
};

/** The type of an expression by its words, `tcp dport`; undefined where there is no such expression. */
export function expressionType(words: string): ValueType | undefined {
  const name = Object.hasOwn(EXPRESSIONS, words) ? (EXPRESSIONS[words] as string) : undefined;
  if (words === 'meta time') return DATE;
  if (words === 'tcp option mptcp subtype') return MPTCP_SUBTYPE;
  if (words === 'osf' || words === 'ct helper') return SHORT_TEXT;
  if (words === 'option' || words === 'meta ipsec' || words === 'meta secpath') return OPTION;
  if (name === undefined) return undefined;
  return name.startsWith('integer ') ? integerType(Number(name.slice(8))) : typeNamed(name);
}

const FIELDS = new Map<string, string[]>();
for (const words of Object.keys(EXPRESSIONS))
  for (let at = words.indexOf(' '); at > 0; at = words.indexOf(' ', at + 1)) {
    const known = FIELDS.get(words.slice(0, at));
    if (known === undefined) FIELDS.set(words.slice(0, at), [words.slice(at + 1)]);
    else known.push(words.slice(at + 1));
  }

/** The fields of a protocol. */
export function fieldsOf(protocol: string): readonly string[] {
  return FIELDS.get(protocol) ?? [];
}
