import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Finding } from '../../src/finding/report.ts';
import { exposureOf } from '../../src/report/exposure.ts';
import { compareFindings, sortFindings } from '../../src/report/order.ts';

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const finding = fc.record(
  {
    severity: some('critical', 'high', 'low'),
    certainty: some('definite', 'possible'),
    code: some('missing', 'excessive', 'conflicting'),
    rule: some('closed', 'masked'),
    baseline: some('', 'a', 'b'),
    connection: some('', 'a', 'b'),
    family: some('ipv4', 'ipv6'),
    hook: some('input', 'output'),
    fingerprint: some('0', '1', '2', '3'),
    packets: fc.array(some({ family: 'ipv4' }, { family: 'ipv4', destinationPorts: ['22'] }), {
      maxLength: 2,
    }),
    message: fc.string(),
  },
  {
    requiredKeys: [
      'severity',
      'certainty',
      'code',
      'rule',
      'family',
      'hook',
      'fingerprint',
      'packets',
      'message',
    ],
  },
) as unknown as fc.Arbitrary<Finding>;

describe('the order of findings', () => {
  it('is that of comparing them one by one, and equal ones stay as they are', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 60 }), (findings) => {
        expect(sortFindings(findings)).toEqual([...findings].sort(compareFindings));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what leaves most open', () => {
  const open = (hook: Finding['hook'], ...packets: Omit<Box, 'family'>[]): number =>
    exposureOf({
      code: 'excessive',
      hook,
      packets: packets.map((box) => ({ family: 'ipv4', ...box })),
    } as unknown as Finding);
  const [tcp, ssh] = [{ protocols: ['6'] }, { protocols: ['6'], destinationPorts: ['22'] }];
  const [one, network] = [{ sources: ['10.1.2.3'] }, { sources: ['10.0.0.0-10.255.255.255'] }];

  it('is what more peers reach, and of these more services', () => {
    const falling = [
      open('input', {}),
      open('input', tcp),
      open('input', { ...tcp, ...network }),
      open('input', ssh),
      open('input', { protocols: ['1'], icmp: ['8/*'] }),
      open('input', { ...ssh, ...network }),
      open('input', { ...tcp, ...one }),
      open('input', { ...ssh, ...one }),
    ];
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    expect(new Set(falling).size).toBe(falling.length);
  });

  it('is the peer’s end alone, but for what is forwarded', () => {
    const two = { ...ssh, ...one, destinations: ['192.0.2.7'] };
    expect(open('input', two)).toBe(open('input', { ...ssh, ...one }));
    expect(open('output', two)).toBe(open('output', { ...ssh, destinations: ['192.0.2.7'] }));
    expect(open('forward', two)).toBeLessThan(open('input', two));
    expect(open('egress', { ...ssh, peerGroups: ['sg-1'] })).toBeLessThan(open('egress', ssh));
  });

  it('has nothing of what is no range, as merged reports may write it', () => {
    for (const text of [
      '10.0.0.1-10.0.0',
      'x-10.0.0.1',
      '10.0.0.9-10.0.0.1',
      '2001:db8::1-x',
      '2001:db8::2-10.0.0.1',
    ])
      expect(open('input', { ...ssh, sources: [text] }), text).toBe(0);
    expect(open('input', { ...ssh, sources: ['::ffff:10.0.0.1-::ffff:10.0.0.2'] })).toBeGreaterThan(
      open('input', { ...ssh, sources: ['2001:db8::1'] }),
    );
  });

  it('is the same for one opening in parts, and in both families', () => {
    const halves = ['0.0.0.0-127.255.255.255', '128.0.0.0-255.255.255.255'].map((text) => ({
      ...ssh,
      sources: [text],
    }));
    expect(open('input', ...halves)).toBe(open('input', ssh));
    const six = {
      protocols: ['6'],
      sources: ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      destinationPorts: ['22'],
    };
    expect(open('input', six)).toBe(open('input', ssh));
  });

  it('takes addresses as boxes write them', () => {
    const of = (...sources: string[]): number => open('input', { ...ssh, sources });
    expect(of('::ffff:10.0.0.0-::ffff:10.0.0.255')).toBe(of('2001:db8::-2001:db8::ff'));
    expect(of('2001:db8::1', '2001:db8:0:1::1')).toBe(of('::1-::2'));
    expect(of('2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).toBe(of('32.0.0.0-63.255.255.255'));
  });
});
