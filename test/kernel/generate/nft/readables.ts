import { type Chance, pick } from '../chance.ts';
import {
  addressOf,
  byteOf,
  dscpOf,
  ecnOf,
  few,
  icmpOf,
  interfaceOf,
  markOf,
  originalOf,
  originalPortOf,
  pkttype,
  portOf,
  protocolOf,
  stateOf,
} from './fields.ts';
import type { NftPlace } from './place.ts';
import type { Readable } from './value.ts';

/** Everything that one expression can read at the place. */
export function readables(place: NftPlace): readonly (readonly [number, Readable])[] {
  const { family, tableFamily, incoming, outgoing, tracked, bare } = place;
  const list: [number, Readable][] = [
    [12, addressOf(family, 'src')],
    [12, addressOf(family, 'dst')],
    [14, portOf('tcp', 'dport')],
    [6, portOf('udp', 'dport')],
    [3, portOf('tcp', 'sport')],
    [2, portOf('sctp', 'dport')],
    [2, portOf('dccp', 'dport')],
    [2, portOf('udplite', 'dport')],
    [3, icmpOf(family, 'type')],
    [1, icmpOf(family, 'code')],
    [4, protocolOf('meta l4proto', family)],
    [4, markOf('meta')],
    [2, byteOf('meta length', 'length', [40, 60, 100, 576, 1500], 65535)],
    [2, pkttype()],
    [2, dscpOf(family)],
    [1, ecnOf(family)],
    [2, byteOf(family === 4 ? 'ip ttl' : 'ip6 hoplimit', 'ttl', [1, 2, 63, 64, 255], 255)],
    [
      1,
      few('meta protocol', 'ether_type', [
        ['ip', 0x800],
        ['ip6', 0x86dd],
        ['arp', 0x806],
      ]),
    ],
    [2, fib('daddr')],
    [1, fib('saddr')],
  ];
  if (family === 4) {
    list.push([3, protocolOf('ip protocol', family)]);
    list.push([1, byteOf('ip length', 'length', [40, 60, 100, 576, 1500], 65535)]);
  }
  if (tableFamily === 'inet') {
    list.push([
      3,
      few('meta nfproto', 'nf_proto', [
        ['ipv4', 2],
        ['ipv6', 10],
      ]),
    ]);
    const other = family === 4 ? 6 : 4;
    // No packet of the run has such a field.
    for (const foreign of [addressOf(other, 'src'), icmpOf(other, 'type')])
      list.push([1, { ...foreign, aims: () => [] }]);
  }
  if (incoming) list.push([6, interfaceOf('in', false)], [2, interfaceOf('in', true)]);
  else list.push([1, interfaceOf('in', false)]);
  if (outgoing) list.push([6, interfaceOf('out', false)], [2, interfaceOf('out', true)]);
  else list.push([1, interfaceOf('out', false)]);
  if (tracked) list.push(...connection(family));
  return bare ? list.filter(([, { words }]) => !/mark|meta length|fib|oif|pkttype/.test(words)) : list;
}

function fib(field: 'saddr' | 'daddr'): Readable {
  return few(`fib ${field} type`, 'fib_addrtype', [
    ['local', 2],
    ['unicast', 1],
    ['multicast', 5],
  ]);
}

function connection(family: 4 | 6): [number, Readable][] {
  return [
    [14, stateOf()],
    [4, markOf('ct')],
    [
      1,
      few('ct direction', 'ct_dir', [
        ['original', 0],
        ['reply', 1],
      ]),
    ],
    [
      2,
      {
        ...few('ct status', 'ct_status', [
          ['dnat', 32],
          ['snat', 16],
        ]),
        alone: true,
      },
    ],
    [1, originalOf(family, 'src', 'original')],
    [2, originalOf(family, 'dst', 'original')],
    [1, originalOf(family, 'src', 'reply')],
    [1, originalPortOf('dport', 'original')],
    [1, originalPortOf('sport', 'original')],
    [1, originalPortOf('sport', 'reply')],
    [
      1,
      few('ct l3proto', 'nf_proto', [
        ['ipv4', 2],
        ['ipv6', 10],
      ]),
    ],
    [1, protocolOf('ct protocol', family)],
  ];
}

/** One of the readables that a concatenation can have. */
export function readablePart(chance: Chance, place: NftPlace): Readable {
  const { family, incoming, bare } = place;
  const list = [addressOf(family, 'src'), addressOf(family, 'dst')];
  if (!bare) list.push(markOf('meta'));
  if (incoming) list.push(interfaceOf('in', false));
  return pick(chance, list);
}
