import { describe, expect, it } from 'vitest';
import { answering, interpret, outcomes } from '../../src/interpreter/index.ts';
import { parseAddress } from '../../src/packet/address.ts';
import type { Condition } from '../../src/rule/condition.ts';
import type { Action } from '../../src/rule/action.ts';
import {
  ACCEPT,
  address,
  addressType,
  chain,
  DROP,
  dnat,
  field,
  host,
  iface,
  NOTRACK,
  not,
  packet,
  rule,
  ruleset,
  snat,
} from '../support/rules.ts';
import { matches, pathOf, reachable, verdictOf } from './run.ts';

const web = field('dport', 80);
const pre = (...actions: Action[]) =>
  chain('PREROUTING', [rule(web, ...actions)], { table: 'nat', hook: 'prerouting' });
const toContainer = pre(dnat('172.17.0.2', 8080));
const forwardTo = (text: string, port: number) =>
  chain('FORWARD', [rule([address('dst', text), field('dport', port)], ACCEPT)], {
    hook: 'forward',
    policy: 'drop',
  });
const published = packet({ hook: 'forward', dport: 80 });
const value = (text: string) => parseAddress(text)?.value as bigint;

describe('destination translation', () => {
  it('shows later hooks the translated packet, and keeps what it was', () => {
    expect(verdictOf(ruleset([toContainer, forwardTo('172.17.0.2', 8080)]), published)).toBe('accept');
    expect(verdictOf(ruleset([toContainer, forwardTo('10.1.2.10', 80)]), published)).toBe('drop');
    const original = [address('origDst', '10.1.2.10'), field('origDport', 80)];
    const kept = chain('FORWARD', [rule(original, ACCEPT)], { hook: 'forward', policy: 'drop' });
    expect(verdictOf(ruleset([toContainer, kept]), published)).toBe('accept');
  });

  it('reports what the packet became', () => {
    const trace = interpret(ruleset([toContainer]), published, answering());
    expect(trace.translated).toEqual({
      dst: [value('172.17.0.2'), value('172.17.0.2')],
      dport: [8080, 8080],
    });
    expect(interpret(ruleset([toContainer]), packet(), answering()).translated).toBeUndefined();
  });

  it('happens at -100: mangle sees the packet as it came', () => {
    const mangle = chain('M', [rule(web, DROP)], { table: 'mangle', hook: 'prerouting' });
    expect(verdictOf(ruleset([toContainer, mangle]), published)).toBe('drop');
    const after = chain('S', [rule(web, DROP)], { table: 'security', hook: 'prerouting' });
    expect(verdictOf(ruleset([toContainer, after]), published)).toBe('accept');
  });

  it('keeps the port where none is given, and the address where none is given', () => {
    expect(verdictOf(ruleset([pre(dnat('172.17.0.2')), forwardTo('172.17.0.2', 80)]), published)).toBe(
      'accept',
    );
    expect(verdictOf(ruleset([pre(dnat(undefined, 81)), forwardTo('10.1.2.10', 81)]), published)).toBe(
      'accept',
    );
  });

  it('counts once: the first that matches, in whichever nat chain', () => {
    const second = chain('SECOND', [rule([], dnat('172.17.0.3', 9090))], {
      table: 'nat2',
      type: 'nat',
      hook: 'prerouting',
      priority: -90,
    });
    expect(verdictOf(ruleset([toContainer, second, forwardTo('172.17.0.2', 8080)]), published)).toBe(
      'accept',
    );
    expect(
      verdictOf(ruleset([toContainer, second, forwardTo('172.17.0.3', 9090)]), packet({ hook: 'forward' })),
    ).toBe('accept');
  });

  it('an accept in a nat chain lets the next nat chain translate', () => {
    const second = chain('SECOND', [rule([], dnat('172.17.0.3', 9090))], {
      table: 'nat2',
      type: 'nat',
      hook: 'prerouting',
      priority: -90,
    });
    expect(verdictOf(ruleset([pre(ACCEPT), second, forwardTo('172.17.0.3', 9090)]), published)).toBe(
      'accept',
    );
  });

  it('is not for packets of connections that exist, and not without a connection', () => {
    for (const state of ['established', 'invalid', 'untracked'] as const)
      expect(
        interpret(ruleset([toContainer]), { ...published, state }, answering()).translated,
      ).toBeUndefined();
    const raw = chain('R', [rule([], NOTRACK)], { table: 'raw', hook: 'prerouting' });
    expect(interpret(ruleset([toContainer, raw]), published, answering()).translated).toBeUndefined();
  });

  it('is for related packets, but not for ICMP errors', () => {
    const any = chain('P', [rule([], dnat('172.17.0.2'))], { table: 'nat', hook: 'prerouting' });
    const related = { ...published, state: 'related' as const };
    expect(interpret(ruleset([any]), related, answering()).translated).toBeDefined();
    const error = { ...related, protocol: 1, icmpType: 3 };
    expect(interpret(ruleset([any]), error, answering()).translated).toBeUndefined();
  });

  // Tried with iptables-nft 1.8 on Linux 6: nat PREROUTING and INPUT count no packet from lo.
  it('is not for packets that come by the loopback interface: theirs was settled on the way out', () => {
    expect(
      interpret(ruleset([toContainer]), packet({ in: 'lo', dport: 80 }), answering()).translated,
    ).toBeUndefined();
    const output = chain('OUTPUT', [rule(web, dnat('127.0.0.1', 81))], { table: 'nat', hook: 'output' });
    const local = packet({ hook: 'output', out: 'lo', dport: 80 });
    expect(interpret(ruleset([output]), local, answering()).translated?.dport).toEqual([81, 81]);
  });

  it('drops in nat chains drop', () => {
    expect(verdictOf(ruleset([pre(DROP)]), published)).toBe('drop');
  });

  it('of a network keeps the host bits', () => {
    const netmap = { kind: 'prefix', mask: 0xffffff00n, value: value('10.9.9.0') } as const;
    const rules = ruleset([
      pre({ kind: 'translate', what: 'dnat', address: netmap }),
      forwardTo('10.9.9.10', 80),
    ]);
    expect(verdictOf(rules, published)).toBe('accept');
  });

  it('of a range may give any of its addresses and ports, the same for all later rules', () => {
    const ranged = pre(dnat('172.17.0.2-172.17.0.5', [8000, 8001]));
    const first = chain('F', [rule(address('dst', '172.17.0.2'), DROP)], { hook: 'forward' });
    expect(reachable(ruleset([ranged, first]), published)).toBe('accept drop');
    const all = chain('F', [rule(address('dst', '172.17.0.0/29'), DROP)], { hook: 'forward' });
    expect(reachable(ruleset([ranged, all]), published)).toBe('drop');
    const partition = chain(
      'F',
      [rule(address('dst', '172.17.0.2/31'), DROP), rule(address('dst', '172.17.0.4/31'), DROP)],
      { hook: 'forward' },
    );
    expect(reachable(ruleset([ranged, partition]), published)).toBe('drop');
    const ports = chain('F', [rule(field('dport', 8000), DROP), rule(field('dport', 8001), DROP)], {
      hook: 'forward',
    });
    expect(reachable(ruleset([ranged, ports]), published)).toBe('drop');
  });

  it('works in IPv6', () => {
    const six = packet({ hook: 'forward', from: '2001:db8::1', to: '2001:db8::2', dport: 80 });
    const rules = ruleset([pre(dnat('fd00::5', 8080)), forwardTo('fd00::5', 8080)]);
    expect(verdictOf(rules, six)).toBe('accept');
  });

  it('in IPv6: a mask with holes is decided for each address that it may give', () => {
    const six = packet({ hook: 'forward', from: '2001:db8::1', to: '2001:db8::2', dport: 80 });
    const ranged = pre(dnat('fd00::4-fd00::7'));
    const masked = (mask: bigint, bits: bigint): Condition => ({
      kind: 'address-mask',
      family: 6,
      field: 'dst',
      mask,
      value: bits,
    });
    const dropping = (condition: Condition) => chain('F', [rule(condition, DROP)], { hook: 'forward' });
    const of = (condition: Condition) => reachable(ruleset([ranged, dropping(condition)]), six);
    expect(of(masked(0xdn, 5n))).toBe('accept drop');
    expect(of(masked(0x4n, 0x4n))).toBe('drop');
    expect(of(masked(0x8n, 0x8n))).toBe('accept');
    const both = chain('F', [rule(masked(1n, 0n), DROP), rule(masked(1n, 1n), DROP)], { hook: 'forward' });
    expect(reachable(ruleset([ranged, both]), six)).toBe('drop');
  });
});

describe('whether the connection was translated (--ctstate DNAT, SNAT)', () => {
  const translated = (what: 'dnat' | 'snat') =>
    chain('F', [rule({ kind: 'translated', what }, DROP)], { hook: 'forward' });

  it('is seen after the translation only', () => {
    expect(verdictOf(ruleset([toContainer, translated('dnat')]), published)).toBe('drop');
    expect(verdictOf(ruleset([toContainer, translated('snat')]), published)).toBe('accept');
    expect(verdictOf(ruleset([translated('dnat')]), published)).toBe('accept');
    expect(matches({ kind: 'translated', what: 'dnat' }, packet())).toBe('no');
  });

  // Tried on Linux 6: DNAT to the address that the packet has leaves --ctstate DNAT false; another port makes it true.
  it('is not by a translation to what the packet was', () => {
    expect(verdictOf(ruleset([pre(dnat('10.1.2.10', 80)), translated('dnat')]), published)).toBe('accept');
    expect(verdictOf(ruleset([pre(dnat('10.1.2.10', 81)), translated('dnat')]), published)).toBe('drop');
    expect(reachable(ruleset([pre(dnat('10.1.2.10-10.1.2.11')), translated('dnat')]), published)).toBe(
      'accept drop',
    );
  });

  it('is not known of an established connection', () => {
    const rules = ruleset([translated('dnat')]);
    const found = outcomes(rules, { ...published, state: 'established' });
    expect(found).toMatchObject({ verdicts: ['accept', 'drop'], dependsOn: ['--ctstate DNAT'] });
  });
});

describe('where a translated packet goes', () => {
  const facts = host('lo 127.0.0.1/8', 'eth0 10.1.2.10/24', 'eth1 10.9.0.1/24');
  const closed = (hook: 'input' | 'forward') => chain(hook, [rule([], DROP)], { hook });
  const traced = (chains: Parameters<typeof ruleset>[0], p = published, known = true) =>
    interpret(ruleset(chains, known ? { host: facts } : {}), p, answering());

  it('is where the user says without the facts', () => {
    expect(traced([toContainer], packet({ dport: 80 }), false).hook).toBe('input');
    expect(traced([pre(dnat('10.1.2.10'))], published, false).hook).toBe('forward');
  });

  it("is decided by the host's addresses", () => {
    expect(traced([toContainer, closed('forward')], packet({ dport: 80 }))).toMatchObject({
      hook: 'forward',
      verdict: 'drop',
    });
    expect(traced([pre(dnat('10.9.0.1')), closed('input')])).toMatchObject({
      hook: 'input',
      verdict: 'drop',
    });
    expect(traced([pre(dnat('127.0.0.5'))]).hook).toBe('input');
    expect(traced([pre(dnat('10.9.0.255'))]).hook).toBe('input');
  });

  it('stays where it was for packets that are not translated', () => {
    expect(traced([toContainer], packet({ to: '203.0.113.1' })).hook).toBe('input');
    expect(traced([toContainer], packet({ hook: 'forward' })).hook).toBe('forward');
  });

  it('is the host for a redirection, also where its address is not known', () => {
    const redirect = pre(dnat('local', 3128));
    expect(traced([redirect], published, false).hook).toBe('input');
    const input = (text: string) =>
      chain('I', [rule([address('dst', text), field('dport', 3128)], ACCEPT)], {
        hook: 'input',
        policy: 'drop',
      });
    expect(traced([redirect, input('10.1.2.10')]).verdict).toBe('accept');
    expect(reachable(ruleset([redirect, input('10.1.2.10')]), published)).toBe('accept drop');
  });

  it('is the host for a redirection on an interface that the facts do not name', () => {
    const other = host('lo 127.0.0.1/8', 'eth1 10.9.0.1/24');
    const rules = ruleset([pre(dnat('local', 3128)), closed('input')], { host: other });
    expect(interpret(rules, published, answering())).toMatchObject({ hook: 'input', verdict: 'drop' });
  });

  // Tried on Linux 6: the packet is counted by REDIRECT and never seen again.
  it('is nowhere for a redirection on an interface without an address', () => {
    const bare = { ...host('lo 127.0.0.1/8', 'eth1 10.9.0.1/24'), interfaces: ['lo', 'eth0', 'eth1'] };
    const rules = ruleset([pre(dnat('local', 3128))], { host: bare });
    expect(verdictOf(rules, published)).toBe('drop');
    expect(pathOf(rules, published)).toEqual(['PREROUTING: drop: the interface has no address']);
  });

  it('leaves it open by which interface a packet is sent on that the user took for input', () => {
    const rules = ruleset(
      [toContainer, chain('F', [rule(iface('out', 'eth1'), ACCEPT)], { hook: 'forward', policy: 'drop' })],
      { host: facts },
    );
    const found = outcomes(rules, packet({ dport: 80 }));
    expect(found).toMatchObject({ verdicts: ['accept', 'drop'], dependsOn: ['-o eth1'] });
  });
});

describe('translation of packets of the host itself', () => {
  const redirect = chain('OUTPUT', [rule(web, dnat('local', 81))], { table: 'nat', hook: 'output' });
  const out = packet({ hook: 'output', dport: 80, out: 'eth1' });

  // Tried on Linux 6: filter OUTPUT sees `-o` as routed first, mangle POSTROUTING sees lo.
  it('a redirection goes to 127.0.0.1, by lo from postrouting on', () => {
    const post = (name: string) =>
      chain('P', [rule(iface('out', name), DROP)], { table: 'mangle', hook: 'postrouting' });
    const local = [
      address('dst', '127.0.0.1'),
      field('dport', 81),
      iface('out', 'eth1'),
      addressType('dst', ['local']),
    ];
    const filter = chain('O', [rule(local, ACCEPT)], { hook: 'output', policy: 'drop' });
    expect(verdictOf(ruleset([redirect, filter]), out)).toBe('accept');
    expect(verdictOf(ruleset([redirect, post('lo')]), out)).toBe('drop');
    expect(verdictOf(ruleset([redirect, post('eth1')]), out)).toBe('accept');
    const six = packet({ hook: 'output', from: 'fd00::1', to: 'fd00::2', dport: 80 });
    const loopback = chain('O', [rule(address('dst', '::1'), DROP)], { hook: 'output' });
    expect(verdictOf(ruleset([redirect, loopback]), six)).toBe('drop');
  });

  it('leaves by another interface where its new destination is not local any more', () => {
    const away = chain('OUTPUT', [rule(web, dnat('192.0.2.99'))], { table: 'nat', hook: 'output' });
    const post = chain('P', [rule(iface('out', 'lo'), DROP)], { table: 'mangle', hook: 'postrouting' });
    const facts = host('lo 127.0.0.1/8', 'eth0 10.1.2.10/24');
    expect(verdictOf(ruleset([away, post], { host: facts }), { ...out, out: 'lo' })).toBe('accept');
    expect(verdictOf(ruleset([away, post]), { ...out, out: 'lo' })).toBe('drop');
  });
});

describe('source translation', () => {
  const masquerade = (action: Action) =>
    chain('POST', [rule([], action)], { table: 'nat', hook: 'postrouting' });
  const late = (condition: Parameters<typeof rule>[0]) =>
    chain('LATE', [rule(condition, DROP)], { table: 'x', hook: 'postrouting', priority: 300 });

  it('changes what runs behind it at postrouting only', () => {
    const from = address('src', '10.0.0.1');
    const forward = chain('F', [rule(from, DROP)], { hook: 'forward' });
    expect(verdictOf(ruleset([masquerade(snat('10.0.0.1')), forward]), published)).toBe('accept');
    expect(verdictOf(ruleset([masquerade(snat('10.0.0.1')), late(from)]), published)).toBe('drop');
    expect(
      verdictOf(
        ruleset([masquerade(snat('10.0.0.1')), late({ kind: 'translated', what: 'snat' })]),
        published,
      ),
    ).toBe('drop');
  });

  it('may take another source port of the same class', () => {
    const rules = (from: number, to: number) =>
      ruleset([masquerade(snat('10.0.0.1')), late(not(field('sport', [from, to])))]);
    expect(reachable(rules(1024, 65535), published)).toBe('accept');
    expect(reachable(rules(40000, 40000), published)).toBe('accept drop');
    expect(reachable(rules(600, 1023), { ...published, sport: 700 })).toBe('accept');
    expect(reachable(rules(1, 511), { ...published, sport: 500 })).toBe('accept');
  });

  it('masquerades as an address of the outgoing interface', () => {
    const facts = host('lo 127.0.0.1/8', 'eth1 10.9.0.1/24', 'eth2 10.8.0.1/24');
    const rules = ruleset([masquerade(snat('local')), late(address('src', '10.9.0.1'))], { host: facts });
    expect(reachable(rules, published)).toBe('drop');
    expect(reachable(rules, { ...published, out: 'eth2' })).toBe('accept');
    expect(reachable(rules, { ...published, out: 'ppp0' })).toBe('accept drop');
    const without = ruleset([masquerade(snat('local')), late(address('src', '10.9.0.1'))]);
    expect(reachable(without, published)).toBe('accept drop');
  });

  it('of incoming packets happens behind filter', () => {
    const input = chain('N', [rule([], snat('10.0.0.1'))], { table: 'nat', hook: 'input' });
    const filter = chain('I', [rule(address('src', '10.0.0.1'), DROP)], { hook: 'input' });
    expect(verdictOf(ruleset([input, filter]), packet())).toBe('accept');
    expect(interpret(ruleset([input, filter]), packet(), answering()).translated?.src).toEqual([
      value('10.0.0.1'),
      value('10.0.0.1'),
    ]);
  });
});
