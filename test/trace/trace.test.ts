import { describe, expect, it } from 'vitest';
import type { Ruleset } from '../../src/rule/ruleset.ts';
import { representativeNames } from '../../src/trace/interface-names.ts';
import { traceLine, tracePackets } from '../../src/trace/trace.ts';
import {
  ACCEPT,
  address,
  chain,
  DROP,
  dnat,
  field,
  host,
  iface,
  inSet,
  jump,
  mac,
  namedSet,
  not,
  opaque,
  rule,
  ruleset,
  state,
} from '../support/rules.ts';

const ssh = {
  id: 1,
  hook: 'input',
  in: 'eth0',
  src: '192.0.2.7',
  dst: '10.1.2.10',
  protocol: 'tcp',
  sport: 40000,
  dport: 22,
};

function answer(rules: Ruleset, packet: object): Record<string, unknown> {
  const found = traceLine(rules, JSON.stringify(packet));
  if (found === undefined) throw new Error('no answer');
  expect(found.json).not.toContain('\n');
  return JSON.parse(found.json) as Record<string, unknown>;
}

const closed = (rules: Parameters<typeof chain>[1]) =>
  ruleset([chain('INPUT', rules, { hook: 'input', policy: 'drop' })]);

describe('an answer', () => {
  it('has verdict, certainty, path and translation', () => {
    const accept = rule(field('dport', 22), ACCEPT);
    expect(answer(closed([accept]), ssh)).toEqual({
      id: 1,
      verdict: 'accept',
      certainty: 'definite',
      path: [{ file: 'rules', line: 1, text: accept.origin.file.text }],
      translated: null,
    });
  });

  it('names the policy that decided', () => {
    expect(answer(closed([]), ssh)).toMatchObject({ verdict: 'drop', path: [{ text: ':INPUT drop' }] });
    expect(answer(ruleset([]), ssh)).toMatchObject({ verdict: 'accept', path: [] });
  });

  it('follows jumps, and leaves the empty chains of other tables out', () => {
    const user = rule(field('dport', 22), ACCEPT);
    const enter = rule([], jump('SSH'));
    const rules = ruleset([
      chain('PREROUTING', [], { table: 'mangle', hook: 'prerouting' }),
      chain('SSH', [user]),
      chain('INPUT', [enter], { hook: 'input', policy: 'drop' }),
    ]);
    const texts = (answer(rules, ssh).path as { text: string }[]).map((entry) => entry.text);
    expect(texts).toEqual([enter.origin.file.text, user.origin.file.text]);
  });

  it('says on what a possible verdict depends', () => {
    const rules = closed([rule(opaque('-m set --match-set admins src'), ACCEPT)]);
    expect(answer(rules, ssh)).toMatchObject({
      verdict: 'drop',
      certainty: 'possible',
      alternatives: ['accept', 'drop'],
      dependsOn: ['-m set --match-set admins src'],
    });
  });

  it('shows the packet after destination translation', () => {
    const nat = (...to: Parameters<typeof dnat>) =>
      ruleset([chain('PREROUTING', [rule([], dnat(...to))], { table: 'nat', hook: 'prerouting' })]);
    const forwarded = { ...ssh, hook: 'forward', out: 'docker0' };
    expect(answer(nat('172.17.0.2', 8022), forwarded).translated).toMatchObject({
      dst: '172.17.0.2',
      dport: 8022,
    });
    expect(answer(nat('172.17.0.2'), forwarded).translated).toMatchObject({ dst: '172.17.0.2', dport: 22 });
    expect(answer(nat('172.17.0.2-172.17.0.4', [80, 81]), forwarded).translated).toMatchObject({
      dst: '172.17.0.2-172.17.0.4',
      dport: '80-81',
    });
    expect(answer(nat('local', 8022), forwarded).translated).toMatchObject({ dport: 8022 });
    const six = { ...forwarded, src: '2001:db8::1', dst: '2001:db8::2' };
    expect(answer(nat('2001:db8::5'), six).translated).toMatchObject({ dst: '2001:db8::5', dport: 22 });
    const icmp = {
      id: 1,
      hook: 'forward',
      src: '192.0.2.7',
      dst: '10.1.2.10',
      protocol: 'icmp',
      type: 8,
      code: 0,
    };
    expect(answer(nat('172.17.0.2'), icmp).translated).toMatchObject({ dst: '172.17.0.2' });
  });

  it('does not assess a family of which nothing was given', () => {
    const four = ruleset([chain('INPUT', [], { hook: 'input' })], { families: [4] });
    expect(answer(four, { ...ssh, src: '::1', dst: '::2' })).toEqual({ id: 1, verdict: 'not-assessed' });
    expect(answer(four, ssh).verdict).toBe('accept');
  });

  it.each(['ingress', 'egress'])('does not assess %s where no config of a cloud was given', (hook) => {
    const open = ruleset([chain('INPUT', [], { hook: 'input' })], { families: [4] });
    expect(answer(open, { ...ssh, hook, in: undefined })).toEqual({
      id: 1,
      verdict: 'not-assessed',
      note: 'No config of a cloud was given; a host’s own hooks are input, forward and output.',
    });
  });

  it('an established packet is judged by its state, its connection mark is not known', () => {
    const rules = closed([
      rule(field('ctmark', 1), ACCEPT),
      rule([state('established'), field('tcpFlags', 16)], ACCEPT),
    ]);
    expect(answer(rules, { ...ssh, state: 'established' })).toMatchObject({
      verdict: 'accept',
      certainty: 'definite',
    });
    const marked = closed([rule(field('ctmark', 1), ACCEPT)]);
    expect(answer(marked, { ...ssh, state: 'established' })).toMatchObject({
      certainty: 'possible',
      dependsOn: ['the connection mark'],
    });
    expect(answer(marked, ssh)).toMatchObject({ verdict: 'drop', certainty: 'definite' });
  });

  it('a MAC address that the line does not give may be any', () => {
    const rules = closed([rule(field('mac', mac('02:00:00:00:00:01')), ACCEPT)]);
    expect(answer(rules, ssh)).toMatchObject({
      certainty: 'possible',
      dependsOn: ['the source MAC address'],
    });
    expect(answer(rules, { ...ssh, mac: '02:00:00:00:00:01' })).toMatchObject({
      verdict: 'accept',
      certainty: 'definite',
    });
  });

  it('follows 10,000 MAC addresses, of which the packet has at most one', () => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      rule(field('mac', 0x020000000000 + i), i % 2 === 0 ? ACCEPT : DROP),
    );
    const found = answer(
      closed([...many, rule(not(field('mac', [0x020000000000, 0x020000000000 + 9999])), DROP)]),
      ssh,
    );
    expect(found).toMatchObject({ verdict: 'drop', alternatives: ['accept', 'drop'] });
    expect(found).not.toHaveProperty('note');
  });
});

describe('what only the kernel drops', () => {
  const open = ruleset([chain('FORWARD', [], { hook: 'forward' })]);
  const forwarded = { ...ssh, hook: 'forward', out: 'eth1', dst: '203.0.113.9' };

  it('is told in a note: nothing is forwarded that has no hops to go', () => {
    expect(answer(open, { ...forwarded, ttl: 1 })).toMatchObject({
      verdict: 'drop',
      certainty: 'definite',
      note: expect.stringContaining('does not forward it'),
    });
    expect(answer(open, { ...forwarded, ttl: 2 })).toMatchObject({
      verdict: 'accept',
      certainty: 'definite',
    });
    // A packet of which nothing says how many it has left has some.
    expect(answer(open, forwarded)).toMatchObject({ verdict: 'accept', certainty: 'definite' });
  });

  it('a message of ICMP whose type is not known may begin a connection or not', () => {
    const rules = ruleset([chain('INPUT', [rule(state('new'), ACCEPT)], { hook: 'input', policy: 'drop' })]);
    const { sport: _, dport: __, ...ping } = { ...ssh, protocol: 'icmp' };
    expect(answer(rules, ping)).toMatchObject({ certainty: 'possible', dependsOn: ['the ICMP type'] });
    expect(answer(rules, { ...ping, type: 8 })).toMatchObject({ verdict: 'accept', certainty: 'definite' });
    expect(answer(rules, { ...ping, type: 0 })).toMatchObject({ verdict: 'drop', certainty: 'definite' });
  });
});

describe('interfaces that the line does not name', () => {
  const open = { ...ssh, in: undefined };

  it('definite where every interface but the loopback one gives the same', () => {
    const rules = closed([
      rule(iface('in', 'lo'), DROP),
      rule(iface('in', 'eth+'), ACCEPT),
      rule([], ACCEPT),
    ]);
    expect(answer(rules, open)).toMatchObject({ verdict: 'accept', certainty: 'definite' });
  });

  it('possible where they differ, and the interface is named', () => {
    const rules = closed([rule(iface('in', 'eth0'), ACCEPT)]);
    expect(answer(rules, open)).toMatchObject({
      certainty: 'possible',
      alternatives: ['accept', 'drop'],
      dependsOn: ['-i eth0'],
    });
    expect(answer(rules, ssh)).toMatchObject({ verdict: 'accept', certainty: 'definite' });
  });

  it('holds for names inside prefixes and for prefixes inside prefixes', () => {
    const nested = closed([
      rule(iface('in', 'ppp7'), ACCEPT),
      rule(iface('in', 'ppp+'), DROP),
      rule([], ACCEPT),
    ]);
    expect(answer(nested, open).alternatives).toEqual(['accept', 'drop']);
    const covered = closed([
      rule(iface('in', 'ppp7'), ACCEPT),
      rule(iface('in', 'ppp+'), ACCEPT),
      rule(iface('in', '+'), ACCEPT),
    ]);
    expect(answer(covered, open)).toMatchObject({ verdict: 'accept', certainty: 'definite' });
  });

  it('likewise for the outgoing one, and for sets that name interfaces', () => {
    const output = ruleset([chain('OUTPUT', [rule(iface('out', 'eth0'), DROP)], { hook: 'output' })]);
    const leaving = { ...ssh, hook: 'output', in: undefined };
    expect(answer(output, leaving)).toMatchObject({
      alternatives: ['accept', 'drop'],
      dependsOn: ['-o eth0'],
    });
    expect(answer(output, { ...leaving, out: 'eth1' })).toMatchObject({
      verdict: 'accept',
      certainty: 'definite',
    });
    const sets = [namedSet('s', 'hash:net,iface', ['192.0.2.0/24,eth7'])];
    const named = ruleset([chain('INPUT', [rule(inSet('s', 'src,src'), DROP)], { hook: 'input' })], { sets });
    expect(answer(named, open)).toMatchObject({
      alternatives: ['accept', 'drop'],
      dependsOn: ['the incoming interface'],
    });
    expect(answer(named, { ...open, src: '192.0.3.1' })).toMatchObject({ certainty: 'definite' });
  });

  it('a redirection goes to the address of whichever interface it is', () => {
    const facts = host('lo 127.0.0.1/8', 'eth0 10.1.2.10/24', 'eth1 10.9.0.1/24');
    const rules = ruleset(
      [
        chain('PREROUTING', [rule([], dnat('local', 8022))], { table: 'nat', hook: 'prerouting' }),
        chain('INPUT', [rule(address('dst', '10.9.0.1'), DROP)], { hook: 'input' }),
      ],
      { host: facts },
    );
    expect(answer(rules, open)).toMatchObject({ certainty: 'possible', alternatives: ['accept', 'drop'] });
    expect(answer(rules, ssh)).toMatchObject({ verdict: 'accept', certainty: 'definite' });
    expect(answer(rules, { ...ssh, in: 'eth1' })).toMatchObject({ verdict: 'drop', certainty: 'definite' });
  });

  it('are stood for by one name of each kind', () => {
    const rules = closed([
      rule(iface('in', 'lo', 'eth+', 'eth0', 'eth00+', '+', 'ens3'), ACCEPT),
      rule([], { kind: 'require', match: not(iface('out', 'tun0')) }, DROP),
    ]);
    expect(representativeNames(rules)).toEqual(['if0', 'etha', 'eth0', 'eth000', 'ens3', 'tun0']);
    const letters = closed([rule(iface('in', 'e+', 'i+', 'a+', 'b+'), ACCEPT)]);
    expect(representativeNames(letters)[0]).toBe('c0');
  });
});

describe('lines', () => {
  it('are answered in order; blank ones are none', () => {
    const lines = [
      '\uFEFF{"id":1',
      '',
      JSON.stringify(ssh),
      '  \r',
      JSON.stringify({ ...ssh, id: 'x', dport: 70000 }),
    ];
    const answers = [...tracePackets(ruleset([]), lines)];
    expect(answers.map((a) => a.failed)).toEqual([true, false, true]);
    expect(answers.map((a) => JSON.parse(a.json))).toMatchObject([
      { id: null, error: 'The line is not JSON.' },
      { id: 1, verdict: 'accept' },
      { id: 'x', error: '`dport` must be 65535 or less, not `70000`.' },
    ]);
  });

  it('say so where exploring had to be given up', () => {
    const loop = ruleset([
      chain('A', [rule([], { kind: 'goto', chain: 'filter A' })]),
      chain('INPUT', [rule(opaque('-m x'), jump('A')), rule([], ACCEPT)], { hook: 'input' }),
    ]);
    expect(answer(loop, ssh)).toMatchObject({
      verdict: 'accept',
      certainty: 'possible',
      alternatives: ['accept', 'drop', 'reject'],
      note: expect.stringContaining('Not everything was explored'),
    });
  });
});

describe('chance between two translations', () => {
  const nat = (...rules: ReturnType<typeof rule>[]): Ruleset =>
    ruleset([chain('PREROUTING', rules, { table: 'nat', hook: 'prerouting' })]);
  const forwarded = { ...ssh, hook: 'forward', out: 'eth1' };
  const chance = rule(opaque('-m statistic --mode random --probability 0.5', true), dnat('10.244.0.4', 5353));

  it('is told beside the one whose path is shown', () => {
    const found = answer(nat(chance, rule(field('dport', 22), dnat('10.244.1.4', 5353))), forwarded);
    expect(found).toMatchObject({
      verdict: 'accept',
      certainty: 'definite',
      translated: { dst: '10.244.1.4' },
    });
    expect(found['otherTranslations']).toMatchObject([{ dst: '10.244.0.4', dport: 5353 }]);
  });

  it('is told of several chances one after the other, each way by itself', () => {
    const second = rule(opaque('-m statistic --mode nth', true), dnat('10.244.0.5', 5354));
    const found = answer(nat(chance, second, rule(field('dport', 22), dnat('10.244.1.4', 5353))), forwarded);
    expect(found).toMatchObject({ translated: { dst: '10.244.1.4' } });
    expect(found['otherTranslations']).toMatchObject([{ dst: '10.244.0.4' }, { dst: '10.244.0.5' }]);
  });

  it('is told where the path shows none', () => {
    const found = answer(nat(chance), forwarded);
    expect(found['translated']).toBeNull();
    expect(found['otherTranslations']).toMatchObject([{ dst: '10.244.0.4', dport: 5353 }]);
  });

  it('is nothing to tell where another way ends before its destination is translated', () => {
    const recent = rule(opaque('-m recent --rcheck', true), { kind: 'verdict', verdict: 'drop' });
    const raw = chain('PREROUTING', [recent], { table: 'raw', hook: 'prerouting', priority: -300 });
    const translating = chain('PREROUTING', [rule(field('dport', 22), dnat('10.244.1.4', 5353))], {
      table: 'nat',
      hook: 'prerouting',
    });
    const found = answer(ruleset([raw, translating]), forwarded);
    expect(found).toMatchObject({ certainty: 'possible', translated: { dst: '10.244.1.4' } });
    expect(found['otherTranslations']).toBeUndefined();
  });

  it('is told where the untranslated packet is dropped later', () => {
    const filtering = chain('FORWARD', [rule(field('dport', 22), { kind: 'verdict', verdict: 'drop' })], {
      hook: 'forward',
    });
    const sure = rule(opaque('-m statistic', true), { kind: 'verdict', verdict: 'accept' });
    const translating = chain('PREROUTING', [sure, rule(field('dport', 22), dnat('10.244.1.4', 5353))], {
      table: 'nat',
      hook: 'prerouting',
    });
    const found = answer(ruleset([translating, filtering]), forwarded);
    expect(found).toMatchObject({ verdict: 'accept', translated: { dst: '10.244.1.4' } });
    expect(found['otherTranslations']).toEqual([null]);
  });

  it('is nothing to tell where there is one place', () => {
    const found = answer(nat(rule(field('dport', 22), dnat('10.244.1.4', 5353))), forwarded);
    expect(found['otherTranslations']).toBeUndefined();
  });
});
