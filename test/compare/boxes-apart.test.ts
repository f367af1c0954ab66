import { expect, it } from 'vitest';
import { boxesApart } from '../../src/compare/finding/boxes-apart.ts';
import type { Box } from '../../src/finding/report.ts';

const ssh: Box = {
  family: 'ipv4',
  protocols: ['6'],
  sources: ['10.0.0.0-10.0.255.255', '10.2.0.7'],
  destinationPorts: ['22', '8000-8010'],
};

it.each<[string, Box, boolean]>([
  ['the same', ssh, false],
  ['another family', { family: 'ipv6' }, true],
  ['everything of a family', { family: 'ipv4' }, false],
  ['other ports', { ...ssh, destinationPorts: ['21', '23-7999'] }, true],
  ['ports that share one', { ...ssh, destinationPorts: ['8010-9000'] }, false],
  ['another protocol', { ...ssh, protocols: ['0-5', '17'] }, true],
  ['other sources', { ...ssh, sources: ['10.1.0.0-10.2.0.6'] }, true],
  ['sources that share one', { ...ssh, sources: ['10.2.0.0-10.2.0.255'] }, false],
  ['a destination, where the other has none', { ...ssh, destinations: ['10.9.9.9'] }, false],
])('boxes are told apart by one field: %s', (_name, other, apart) => {
  expect(boxesApart([ssh], [other])).toBe(apart);
  expect(boxesApart([other], [ssh])).toBe(apart);
  expect(boxesApart([{ family: 'ipv6' }, ssh], [other])).toBe(apart && other.family !== 'ipv6');
});
