import { expect, it } from 'vitest';
import { asksUnknown } from '../../src/rule/set-condition.ts';
import { readSets } from './read-sets.ts';

const SETS = readSets(`create devices hash:net,iface family inet
add devices 10.0.0.0/8,eth0
create ports hash:net,iface family inet
add ports 10.0.0.0/8,physdev:eth0
create macs hash:mac
create both list:set size 8
add both devices
add both macs
create plain list:set size 8
add plain devices
create own list:set size 8
add own macs
`);

it.each([
  ['devices', ['src', 'src'], false],
  ['ports', ['src', 'src'], true],
  ['macs', ['src'], false],
  ['macs', ['dst'], true],
  ['plain', ['src', 'dst'], false],
  ['both', ['src', 'src'], false],
  ['both', ['dst', 'src'], true],
  ['own', ['dst'], true],
] as const)('a lookup of %s by %j asks what no packet tells: %s', (name, directions, expected) => {
  const set = SETS.get(name);
  if (set === undefined) throw new Error(name);
  expect(asksUnknown(set, SETS, directions)).toBe(expected);
});

it('a list whose member is not there asks what no packet tells', () => {
  const list = SETS.get('plain');
  if (list === undefined) throw new Error('plain');
  expect(asksUnknown(list, new Map(), ['src'])).toBe(true);
});
