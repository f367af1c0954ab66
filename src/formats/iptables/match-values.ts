import { bpfProgram, chunkTypes, headerOptions, hexString, mobilityTypes, u32Tests } from './value-texts.ts';
import {
  address,
  either,
  form,
  list,
  maskedOrNamed,
  named,
  netmask,
  network,
  number,
  oneOf,
  range,
  rate,
  text,
  u8,
  u16,
  u32,
  u32Range,
  u64,
  type Values,
} from './values.ts';

const NAME = text(0, 15);
const HASH_RATE = either(rate(1_000_000), form('bytes such as `5kb/s`', /^0*[1-9][0-9]*[km]?b\/s/));
const CLOCK = form('`hh:mm` or `hh:mm:ss`', /^(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9](?::[0-5]?[0-9])?$/);
const DATE = form(
  '`YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` from 1970 to 2038',
  /^(?:19[7-9][0-9]|20[0-2][0-9]|203[0-8])(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12][0-9]|3[01])(?:T(?:[01]?[0-9]|2[0-3])(?::[0-5]?[0-9](?::[0-5]?[0-9])?)?)?)?)?$/,
);
const FRACTION = form(
  'a number from 0 to 1',
  /^\+?(?:0*\.[0-9]+|0+\.?|0*1(?:\.0*)?|[0-9.]+[eE]-[0-9]+|0[xX][01])$/,
);
// A name stands for a number of the host's own (/etc/passwd, /etc/group).
const OWNER = either(
  number(0, 0xfffffffe),
  form('a name', /^[A-Za-z_].*$/),
  form('two numbers with `-` or `:`', /^[0-9]+[-:][0-9]+$/),
);
// Packets, or bits and bytes with a unit (libxt_rateest.c, rateest_get_rate).
const BITS = form(
  'a rate such as `250kbit` or `1mbps`',
  /^(?:0x[0-9a-f]+|[0-9.]+(?:e[+-]?[0-9]+)?)(?:bit|(?:[kmgt]i?)?(?:bit|bps))?$/i,
);
const DCCP_TYPES = [
  'request',
  'response',
  'data',
  'ack',
  'dataack',
  'closereq',
  'close',
  'reset',
  'sync',
  'syncack',
  'invalid',
];
const SRH = [
  'next-hdr',
  'hdr-len-eq',
  'hdr-len-gt',
  'hdr-len-lt',
  'segs-left-eq',
  'segs-left-gt',
  'segs-left-lt',
  'last-entry-eq',
  'last-entry-gt',
  'last-entry-lt',
];
const SIDES = ['srcip', 'srcport', 'dstip', 'dstport'];
const HASHLIMIT = ['htable-size', 'htable-max', 'htable-expire', 'htable-gcinterval'];

/** Values that both backends of iptables 1.8.9 take; all others they refuse. What depends on the host (names of users) is let through. */
export const OF_MATCHES: Values = {
  bpf: { bytecode: bpfProgram },
  cgroup: { cgroup: u32 },
  ah: { ahspi: u32Range, ahlen: u32 },
  cluster: {
    'cluster-total-nodes': number(1, 32),
    'cluster-local-node': number(1, 32),
    'cluster-local-nodemask': number(1, 32),
    'cluster-hash-seed': u32,
  },
  connbytes: {
    connbytes: range(0xffffffffffffffffn),
    'connbytes-dir': oneOf('original', 'reply', 'both'),
    'connbytes-mode': oneOf('packets', 'bytes', 'avgpkt'),
  },
  connlimit: {
    'connlimit-upto': u32,
    'connlimit-above': u32,
    'connlimit-mask': netmask,
  },
  cpu: { cpu: u32 },
  dccp: { 'dccp-option': number(1, 255), 'dccp-types': list(either(named(...DCCP_TYPES), oneOf(''))) },
  devgroup: { 'src-group': maskedOrNamed, 'dst-group': maskedOrNamed },
  dst: { 'dst-len': u32, 'dst-opts': headerOptions },
  frag: { fragid: u32Range, fraglen: u32 },
  hashlimit: {
    'hashlimit-upto': HASH_RATE,
    'hashlimit-above': HASH_RATE,
    'hashlimit-burst': either(number(1, 1_000_000), form('bytes such as `5kb`', /^0*[1-9][0-9]*[km]?b$/)),
    'hashlimit-mode': list(oneOf(...SIDES)),
    'hashlimit-name': text(1, 255),
    'hashlimit-srcmask': netmask,
    'hashlimit-dstmask': netmask,
    'hashlimit-rate-interval': number(1, 0xffffffff),
    ...Object.fromEntries(HASHLIMIT.map((name) => [`hashlimit-${name}`, u32])),
  },
  hbh: { 'hbh-len': u32, 'hbh-opts': headerOptions },
  ipcomp: { ipcompspi: u32Range },
  limit: { limit: rate(10_000), 'limit-burst': number(0, 10_000) },
  nfacct: { 'nfacct-name': text(1, 1024) },
  mh: { 'mh-type': mobilityTypes },
  osf: { ttl: number(0, 2), log: number(0, 2) },
  owner: { 'uid-owner': OWNER, 'gid-owner': OWNER },
  physdev: { 'physdev-in': NAME, 'physdev-out': NAME },
  policy: {
    dir: oneOf('in', 'out'),
    pol: oneOf('none', 'ipsec'),
    reqid: u32,
    spi: u32,
    proto: oneOf('ah', 'esp', 'ipcomp', 'ipv6-auth', 'ipv6-crypt', '50', '51', '108'),
    mode: oneOf('tunnel', 'transport'),
    'tunnel-src': network,
    'tunnel-dst': network,
  },
  quota: { quota: u64 },
  rateest: Object.fromEntries(
    ['bps', 'pps'].flatMap((unit) =>
      ['', '1', '2'].map((n) => [`rateest-${unit}${n}`, unit === 'bps' ? BITS : u32]),
    ),
  ),
  realm: { realm: maskedOrNamed },
  recent: { seconds: number(1, 0xffffffff), hitcount: u32, name: text(0, 199), mask: address },
  rt: { 'rt-type': u32, 'rt-segsleft': u32Range, 'rt-len': u32, 'rt-0-addrs': list(address) },
  srh: {
    ...Object.fromEntries(SRH.map((name) => [`srh-${name}`, u8])),
    'srh-tag': u16,
    'srh-psid': network,
    'srh-nsid': network,
    'srh-lsid': network,
  },
  sctp: { 'chunk-types': { ...named('all', 'any', 'only'), second: chunkTypes } },
  statistic: {
    mode: oneOf('random', 'nth'),
    probability: FRACTION,
    every: number(1, 0xffffffff),
    packet: u32,
  },
  string: { string: text(0, 128), 'hex-string': hexString, from: u16, to: u16 },
  tcp: { 'tcp-option': number(1, 255) },
  tcpmss: { mss: range(0xffffn) },
  time: {
    timestart: CLOCK,
    timestop: CLOCK,
    datestart: DATE,
    datestop: DATE,
    monthdays: list(number(0, 31)),
    weekdays: list(form('`Mon`, `Tue` … or 1 to 7', /^(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)[a-z]*|[1-9])$/)),
  },
  u32: { u32: u32Tests },
};
