import {
  between,
  either,
  form,
  list,
  masked,
  named,
  netmask,
  network,
  address,
  number,
  oneOf,
  text,
  u16,
  u32,
  type Values,
} from './values.ts';

const EVENTS = [
  'new',
  'related',
  'destroy',
  'reply',
  'assured',
  'protoinfo',
  'helper',
  'mark',
  'natseqinfo',
  'secmark',
];
// Seconds without a unit (libxt_RATEEST.c, RATEEST_get_time).
const INTERVAL = form(
  'a time such as `250ms` or `1s`',
  /^\+?(?:0x[0-9a-f]+|[0-9.]+(?:e[+-]?[0-9]+)?)(?:s|sec|secs|ms|msec|msecs|us|usec|usecs)?$/i,
);
const SHIFT = number(0, 32);
const TUPLE = ['src', 'dst', 'sport', 'dport', 'spi', 'proto', 'ct'];
const TCP_OPTIONS = ['wscale', 'mss', 'sack-permitted', 'sack', 'timestamp', 'md5'];

/** {@link OF_MATCHES} of targets. */
export const OF_TARGETS: Values = {
  AUDIT: { type: oneOf('accept', 'drop', 'reject') },
  DNPT: { 'src-pfx': network, 'dst-pfx': network },
  CLASSIFY: { 'set-class': form('`major:minor`, hexadecimal', /^[0-9a-fA-F]+:[0-9a-fA-F]+$/) },
  CONNMARK: {
    mask: u32,
    ctmask: u32,
    nfmask: u32,
    'left-shift-mark': SHIFT,
    'right-shift-mark': SHIFT,
  },
  CT: {
    ctevents: list(oneOf(...EVENTS)),
    expevents: list(oneOf('new')),
    zone: either(u16, oneOf('mark')),
    'zone-orig': either(u16, oneOf('mark')),
    'zone-reply': either(u16, oneOf('mark')),
  },
  HMARK: {
    'hmark-mod': number(1, 0xffffffff),
    'hmark-offset': u32,
    'hmark-rnd': u32,
    'hmark-tuple': list(oneOf(...TUPLE)),
    'hmark-src-prefix': netmask,
    'hmark-dst-prefix': netmask,
    'hmark-spi': u32,
    'hmark-spi-mask': u32,
    ...Object.fromEntries(
      ['sport', 'dport', 'sport-mask', 'dport-mask', 'proto-mask'].map((name) => [`hmark-${name}`, u16]),
    ),
  },
  IDLETIMER: { timeout: u32 },
  LOG: { 'log-prefix': text(1, 1024) },
  NFLOG: {
    'nflog-group': u16,
    'nflog-threshold': u16,
    'nflog-range': u32,
    'nflog-size': u32,
    'nflog-prefix': text(1, 1024),
  },
  NFQUEUE: { 'queue-num': u16, 'queue-balance': between(':', 0xffff) },
  SNPT: { 'src-pfx': network, 'dst-pfx': network },
  RATEEST: { 'rateest-interval': INTERVAL, 'rateest-ewmalog': INTERVAL },
  SYNPROXY: { wscale: u32, mss: u32 },
  TCPMSS: { 'set-mss': number(0, 0xfffe) },
  TCPOPTSTRIP: { 'strip-options': list(either(number(2, 255), named(...TCP_OPTIONS))) },
  TEE: { gateway: address },
  TPROXY: { 'on-ip': address, 'tproxy-mark': masked },
};
