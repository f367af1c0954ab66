import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/packet/address.ts';
import type { Condition } from '../../src/rule/condition.ts';
import { setCondition } from '../../src/rule/set-condition.ts';
import { holds, type Probe } from './evaluate.ts';
import { readSets } from './read-sets.ts';

type Directions = readonly ('src' | 'dst')[];

function packet(src: string, dst: string, rest: Partial<Probe> = {}): Probe {
  const from = parseAddress(src);
  const to = parseAddress(dst);
  if (from === undefined || to === undefined) throw new Error(`${src} or ${dst} is no address`);
  return { family: from.family, src: from.value, dst: to.value, fragment: 0, mark: 0, ...rest };
}
const tcp = (dport: number, sport = 40000): Partial<Probe> => ({ protocol: 6, sport, dport });
const udp = (dport: number, sport = 40000): Partial<Probe> => ({ protocol: 17, sport, dport });
const icmp = (type: number, code: number): Partial<Probe> => ({
  protocol: 1,
  icmpType: type,
  icmpCode: code,
});

function conditionOf(text: string, name: string, directions: Directions, returnNomatch = false): Condition {
  const sets = readSets(text);
  const set = sets.get(name);
  if (set === undefined) throw new Error(`no set ${name}`);
  return setCondition(set, sets, directions, returnNomatch);
}

const NETS =
  'create n hash:net\nadd n 10.0.0.0/8\nadd n 10.1.0.0/16 nomatch\nadd n 10.1.2.0/24\nadd n 172.16.0.0/12 nomatch\n';

describe('one dimension', () => {
  it('gives one address condition with merged ranges', () => {
    expect(
      conditionOf('create a hash:ip\nadd a 10.0.0.2\nadd a 10.0.0.1\nadd a 10.0.0.9\n', 'a', ['src']),
    ).toEqual({
      kind: 'address',
      family: 4,
      field: 'src',
      values: [0x0a000001, 0x0a000002, 0x0a000009, 0x0a000009],
    });
  });
  it('lets the most specific network decide', () => {
    const condition = conditionOf(NETS, 'n', ['dst']);
    const inside = (dst: string): boolean => holds(condition, packet('192.0.2.1', dst));
    expect(['10.0.0.1', '10.1.0.1', '10.1.2.3', '10.2.0.0', '172.16.0.1', '11.0.0.0'].map(inside)).toEqual([
      true,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(condition.kind).toBe('address');
  });
  it('turns the answer round with --return-nomatch', () => {
    const condition = conditionOf(NETS, 'n', ['dst'], true);
    const inside = (dst: string): boolean => holds(condition, packet('192.0.2.1', dst));
    expect(['10.0.0.1', '10.1.0.1', '10.1.2.3', '172.16.0.1', '11.0.0.0'].map(inside)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });
  it('takes no notice of --return-nomatch in types that know no nomatch', () => {
    const condition = conditionOf('create a hash:ip\nadd a 10.0.0.2\n', 'a', ['src'], true);
    expect(holds(condition, packet('10.0.0.2', '10.0.0.1'))).toBe(true);
  });
  it('matches nothing with --return-nomatch where no element is nomatch', () => {
    expect(conditionOf('create n hash:net\nadd n 10.0.0.0/8\n', 'n', ['src'], true)).toEqual({
      kind: 'never',
    });
  });
  it('keeps the families apart', () => {
    const condition = conditionOf('create a hash:net family inet6\nadd a ::/1\n', 'a', ['src']);
    expect(holds(condition, packet('10.0.0.2', '10.0.0.1'))).toBe(false);
    expect(holds(condition, packet('2001:db8::1', '::1'))).toBe(true);
  });
  it('matches nothing where the set is empty or asks for more dimensions than there are directions', () => {
    expect(conditionOf('create a hash:ip\n', 'a', ['src'])).toEqual({ kind: 'never' });
    expect(conditionOf('create a hash:ip,port\nadd a 10.0.0.1,80\n', 'a', ['src'])).toEqual({
      kind: 'never',
    });
  });
  it('looks at the leading directions only', () => {
    const condition = conditionOf('create a hash:ip\nadd a 10.0.0.2\n', 'a', ['dst', 'src', 'src']);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.2'))).toBe(true);
    expect(holds(condition, packet('10.0.0.2', '10.0.0.1'))).toBe(false);
  });
  it('compares under a bitmask with holes', () => {
    const condition = conditionOf('create a hash:ip bitmask 255.0.255.0\nadd a 10.1.2.3\n', 'a', ['src']);
    expect(holds(condition, packet('10.77.2.9', '10.0.0.1'))).toBe(true);
    expect(holds(condition, packet('10.77.3.9', '10.0.0.1'))).toBe(false);
  });
});

describe('ports', () => {
  const text = 'create p bitmap:port range 0-65535\nadd p 22\nadd p 53\n';
  it('of a bitmap:port are those of TCP and UDP', () => {
    const condition = conditionOf(text, 'p', ['dst']);
    const at = (rest: Partial<Probe>): boolean => holds(condition, packet('10.0.0.1', '10.0.0.2', rest));
    expect([tcp(22), udp(53), tcp(23), { protocol: 132, dport: 22, sport: 1 }, icmp(0, 22)].map(at)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(holds(condition, packet('::1', '::2', tcp(22)))).toBe(true);
  });
  it('follow the second direction', () => {
    const pairs =
      'create a hash:ip,port\nadd a 10.0.0.1,80-81\nadd a 10.0.0.1,udp:53\nadd a 10.0.0.1,icmp:3/1\nadd a 10.0.0.1,vrrp:0\n';
    const at = (rest: Partial<Probe>): boolean =>
      holds(conditionOf(pairs, 'a', ['src', 'dst']), packet('10.0.0.1', '10.0.0.2', rest));
    expect(
      [tcp(80), tcp(81), tcp(82), udp(53), udp(80), icmp(3, 1), icmp(3, 2), { protocol: 112 }].map(at),
    ).toEqual([true, true, false, true, false, true, false, true]);
    expect(holds(conditionOf(pairs, 'a', ['src', 'src']), packet('10.0.0.1', '10.0.0.2', tcp(9, 80)))).toBe(
      true,
    );
  });
  it('are not seen in later fragments, and IPv6 sees nothing there', () => {
    const later = { protocol: 17, fragment: 2 };
    const four = conditionOf('create a hash:ip,port\nadd a 10.0.0.1,udp:0\nadd a 10.0.0.1,esp:0\n', 'a', [
      'src',
      'dst',
    ]);
    expect(holds(four, packet('10.0.0.1', '10.0.0.2', later))).toBe(false);
    expect(holds(four, packet('10.0.0.1', '10.0.0.2', { protocol: 50, fragment: 2 }))).toBe(true);
    const six = conditionOf('create a hash:ip,port family inet6\nadd a ::1,esp:0\nadd a ::1,ah:0\n', 'a', [
      'src',
      'dst',
    ]);
    expect(holds(six, packet('::1', '::2', { protocol: 50 }))).toBe(true);
    expect(holds(six, packet('::1', '::2', { protocol: 50, fragment: 2 }))).toBe(false);
    expect(holds(six, packet('::1', '::2', { protocol: 51 }))).toBe(false);
  });
});

describe('MAC addresses', () => {
  const text =
    'create m hash:ip,mac\nadd m 10.0.0.1,00:11:22:33:44:55\ncreate b bitmap:ip,mac range 10.0.0.0/24\nadd b 10.0.0.1\nadd b 10.0.0.2,00:00:00:00:00:00\n';
  it('are the source address for src', () => {
    const condition = conditionOf(text, 'm', ['src', 'src']);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.2', { mac: 0x001122334455 }))).toBe(true);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.2', { mac: 1 }))).toBe(false);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.2'))).toBe(false);
  });
  it('are unknown for dst', () => {
    const condition = conditionOf(text, 'm', ['src', 'dst']);
    const asked: string[] = [];
    const answer = (value: boolean): boolean =>
      holds(condition, packet('10.0.0.1', '10.0.0.2'), (what) => {
        asked.push(what);
        return value;
      });
    expect([answer(true), answer(false)]).toEqual([true, false]);
    expect(new Set(asked)).toEqual(new Set(['-m set --match-set m src,dst (destination MAC)']));
    expect(holds(condition, packet('10.0.0.9', '10.0.0.2'), () => true)).toBe(false);
  });
  it('that are not filled in yet match any but the zero one', () => {
    const condition = conditionOf(text, 'b', ['src', 'src']);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.9', { mac: 7 }))).toBe(true);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.9', { mac: 0 }))).toBe(false);
    expect(holds(condition, packet('10.0.0.2', '10.0.0.9', { mac: 0 }))).toBe(false);
  });
});

it('marks are compared under the markmask', () => {
  const condition = conditionOf('create k hash:ip,mark markmask 0xff\nadd k 10.0.0.1,0x155\n', 'k', [
    'src',
    'src',
  ]);
  expect(holds(condition, packet('10.0.0.1', '10.0.0.2', { mark: 0xff55 }))).toBe(true);
  expect(holds(condition, packet('10.0.0.1', '10.0.0.2', { mark: 0x154 }))).toBe(false);
});

describe('two networks', () => {
  const text = [
    'create nn hash:net,net',
    'add nn 10.0.0.0/8,10.255.0.0/16',
    'add nn 10.0.0.0/8,10.255.1.0/24 nomatch',
    'add nn 10.1.0.0/16,10.0.0.0/8',
    '',
  ].join('\n');
  it('are looked up with the first before the second', () => {
    const condition = conditionOf(text, 'nn', ['src', 'dst']);
    const at = (src: string, dst: string): boolean => holds(condition, packet(src, dst));
    expect(at('10.2.0.1', '10.255.2.1')).toBe(true);
    expect(at('10.2.0.1', '10.255.1.1')).toBe(false);
    // The exception of the /8 does not reach the /16, as `ipset(8)` warns of.
    expect(at('10.1.0.1', '10.255.1.1')).toBe(true);
    expect(at('11.1.0.1', '10.255.1.1')).toBe(false);
  });
});

describe('interfaces', () => {
  const text =
    'create i hash:net,iface\nadd i 10.0.0.0/8,eth0\nadd i 10.0.0.0/24,eth1\nadd i 0.0.0.0/0,tun wildcard\nadd i 12.0.0.0/8,physdev:p1\n';
  it('end the lookup at the most specific network that is stored', () => {
    const condition = conditionOf(text, 'i', ['src', 'src']);
    const at = (src: string, name: string): boolean =>
      holds(condition, packet(src, '192.0.2.1', { in: name } as Partial<Probe>), () => false);
    expect(at('10.0.0.5', 'eth1')).toBe(true);
    expect(at('10.0.0.5', 'eth0')).toBe(false);
    expect(at('10.0.0.5', 'tun0')).toBe(false);
    expect(at('10.1.0.5', 'eth0')).toBe(true);
    expect(at('11.1.0.5', 'tun0')).toBe(true);
    expect(at('11.1.0.5', '')).toBe(false);
  });
  it('are the outgoing ones for dst', () => {
    const condition = conditionOf(text, 'i', ['src', 'dst']);
    expect(
      holds(
        condition,
        packet('10.1.0.5', '192.0.2.1', { in: 'eth9', out: 'eth0' } as Partial<Probe>),
        () => false,
      ),
    ).toBe(true);
  });
  it('of a bridge are unknown', () => {
    const condition = conditionOf(text, 'i', ['src', 'src']);
    const at = (answer: boolean): boolean =>
      holds(condition, packet('12.0.0.1', '192.0.2.1', { in: 'br0' } as Partial<Probe>), () => answer);
    expect([at(true), at(false)]).toEqual([true, false]);
  });
  it('stored both as nomatch and under a wildcard are unknown', () => {
    const contested =
      'create c hash:net,iface\nadd c 11.0.0.0/8,eth0 nomatch\nadd c 11.0.0.0/8,eth wildcard\n';
    const condition = conditionOf(contested, 'c', ['src', 'src']);
    const at = (name: string, answer: boolean): boolean =>
      holds(condition, packet('11.0.0.1', '192.0.2.1', { in: name } as Partial<Probe>), () => answer);
    expect([at('eth0', true), at('eth0', false), at('eth1', false)]).toEqual([true, false, true]);
  });
});

describe('lists of sets', () => {
  const text =
    'create a hash:ip\nadd a 10.0.0.1\ncreate b hash:ip,port\nadd b 10.0.0.2,80\ncreate n hash:net\nadd n 10.9.0.0/16 nomatch\ncreate l list:set\nadd l a\nadd l b\nadd l n\n';
  it('are the union of the members that need no more directions than there are', () => {
    const two = conditionOf(text, 'l', ['src', 'dst']);
    expect(holds(two, packet('10.0.0.1', '10.0.0.9', tcp(1)))).toBe(true);
    expect(holds(two, packet('10.0.0.2', '10.0.0.9', tcp(80)))).toBe(true);
    const one = conditionOf(text, 'l', ['src']);
    expect(holds(one, packet('10.0.0.1', '10.0.0.9', tcp(1)))).toBe(true);
    expect(holds(one, packet('10.0.0.2', '10.0.0.9', tcp(80)))).toBe(false);
  });
  it('pass --return-nomatch on to their members', () => {
    const condition = conditionOf(text, 'l', ['src'], true);
    expect(holds(condition, packet('10.9.0.1', '10.0.0.9'))).toBe(true);
    expect(holds(condition, packet('10.0.0.1', '10.0.0.9'))).toBe(true);
  });
  it('say so where a member was not supplied, and do not follow lists of lists', () => {
    const sets = readSets(text);
    const list = sets.get('l');
    if (list === undefined) throw new Error('no list');
    const without = setCondition(list, new Map([['a', sets.get('a') as typeof list]]), ['src'], false);
    expect(
      holds(without, packet('10.5.0.1', '10.0.0.9'), (text_) => text_ === '-m set --match-set n src'),
    ).toBe(true);
    const looped = {
      ...list,
      elements: [{ parts: [{ kind: 'set', name: 'l' }], nomatch: false, origin: list.origin }],
    } as typeof list;
    expect(setCondition(looped, new Map([['l', looped]]), ['src'], false).kind).toBe('opaque');
  });
});

describe('size', () => {
  it('65,000 pairs with ten ports become ten address conditions', () => {
    const lines = ['create a hash:ip,port'];
    for (let i = 0; i < 65000; i++)
      lines.push(`add a 10.${(i >> 8) >> 8}.${(i >> 8) & 255}.${i & 255},${80 + (i % 10)}`);
    const condition = conditionOf(`${lines.join('\n')}\n`, 'a', ['src', 'dst']);
    expect(condition.kind === 'or' && condition.of.length).toBe(10);
    expect(holds(condition, packet('10.0.0.13', '10.0.0.1', tcp(83)))).toBe(true);
    expect(holds(condition, packet('10.0.0.13', '10.0.0.1', tcp(84)))).toBe(false);
  });
});
