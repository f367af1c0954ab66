import type { NamedSet } from '../../src/rule/named-set.ts';
import { namedSet } from '../support/rules.ts';

/** Sets of every kind of dimension, over the values that packets have. */
export function namedSets(family: 4 | 6): readonly NamedSet[] {
  const of = (name: string, type: string, elements: readonly string[], markmask?: number): NamedSet =>
    namedSet(name, type, elements, { family, ...(markmask === undefined ? {} : { markmask }) });
  const [wide, inner, host, other] =
    family === 4
      ? ['10.0.0.0/8', '10.1.2.0/24', '10.1.2.10', '198.51.100.7']
      : ['2001:db8::/32', '2001:db8::/112', '2001:db8::10', 'fe80::1'];
  return [
    of('hosts', 'hash:net', [`${wide}`, `${inner} nomatch`, `${host}`]),
    of('services', 'hash:ip,port', [`${host},6:22-80`, `${other},17:5500-5577`]),
    of('ports', 'bitmap:port', ['22', '443-1024']),
    of('pairs', 'hash:net,net', [`${wide},${inner}`, `${inner},${host} nomatch`]),
    of('netport', 'hash:net,port', [`${wide},6:80`, `${inner},6:80 nomatch`, `${inner},17:0-65535`]),
    of('triples', 'hash:ip,port,net', [`${host},6:22,${wide}`, `${other},17:80,${inner} nomatch`]),
    of('macs', 'hash:mac', ['00:00:00:00:00:01', '02:00:00:00:00:01']),
    of('ipmac', 'hash:ip,mac', [`${host},00:00:00:00:00:01`]),
    of('marked', 'hash:ip,mark', [`${host},0x1`, `${other},0xff`], 0xff),
    of('where', 'hash:net,iface', [`${wide},eth0`, `${inner},eth+`, `${host},lo nomatch`]),
    of('all', 'list:set', ['hosts', 'services', 'macs']),
    of('empty', 'hash:ip', []),
  ];
}

/** A set's name and the directions that a rule can read it by. */
export const SET_USES: readonly (readonly [name: string, directions: readonly string[]])[] = [
  ['hosts', ['src', 'dst']],
  ['services', ['src,dst', 'src,src', 'dst,dst']],
  ['ports', ['src', 'dst']],
  ['pairs', ['src,dst', 'dst,src']],
  ['netport', ['src,dst', 'dst,dst']],
  ['triples', ['src,dst,dst', 'dst,dst,src']],
  ['macs', ['src']],
  ['ipmac', ['src,src', 'dst,src']],
  ['marked', ['src,src', 'dst,dst']],
  ['where', ['src,src', 'dst,src', 'src,dst']],
  ['all', ['src,dst', 'dst,dst']],
  ['empty', ['src']],
];
