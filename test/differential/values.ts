import fc from 'fast-check';

/** What rule sets mention and packets have: networks, the addresses at their edges, and the like. */

export const NETWORKS4 = [
  '10.0.0.0/8',
  '10.1.2.0/24',
  '10.1.2.10',
  '192.0.2.0-192.0.2.77',
  '0.0.0.0/0',
  '198.51.100.7',
  '224.0.0.0/4',
  '127.0.0.1',
];
export const NETWORKS6 = [
  '2001:db8::/32',
  '2001:db8::10',
  'fe80::/10',
  '::/0',
  '2001:db8::5-2001:db8::ffff',
  'ff02::1',
];
export const EDGES4 = [
  '10.0.0.0',
  '10.255.255.255',
  '10.1.2.0',
  '10.1.2.10',
  '10.1.2.11',
  '10.1.2.255',
  '192.0.2.77',
  '192.0.2.78',
  '198.51.100.7',
  '11.0.0.0',
  '224.0.0.1',
  '127.0.0.1',
  '255.255.255.255',
  '172.17.0.2',
];
export const EDGES6 = [
  '2001:db8::',
  '2001:db8::10',
  '2001:db8::11',
  '2001:db8::ffff',
  '2001:db9::',
  'fe80::1',
  '::1',
  'ff02::1',
  '2001:db8::5',
];
export const PORTS = [0, 21, 22, 23, 80, 443, 1023, 1024, 5500, 5577, 65535];
export const INTERFACES = ['lo', 'eth0', 'eth1', 'eth', 'ppp0', 'docker0'];
export const MARKS = [0, 1, 2, 0x10, 0xff, 0x80000001];
export const TEXTS = ['-m string --string "x"', '-m owner --uid-owner 0', '-m rpfilter'];

export const MACS = [0, 1, 60, 0x020000000001];

/** One of the values. */
export const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
