import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../../src/interpreter/index.ts';
import type { NamedSet } from '../../src/rule/named-set.ts';
import { ACCEPT, chain, inSet, mac, namedSet, not, packet, rule, ruleset } from '../support/rules.ts';
import { matches } from './run.ts';

type Change = Parameters<typeof packet>[0];

/** Whether the packet is in the first set, read in these directions. */
function inside(
  sets: NamedSet | readonly NamedSet[],
  directions: string,
  change: Change = {},
  returnNomatch = false,
) {
  const all = 'name' in sets ? [sets] : sets;
  return matches(inSet(all[0]?.name ?? '', directions, returnNomatch), packet(change), { sets: all });
}

const set = (type: string, elements: readonly string[], options = {}) =>
  namedSet('s', type, elements, options);

describe('addresses', () => {
  it.each([
    ['hash:ip', ['192.0.2.7', '10.0.0.1'], 'src', 'yes'],
    ['hash:ip', ['192.0.2.7'], 'dst', 'no'],
    ['bitmap:ip', ['192.0.2.0-192.0.2.9'], 'src', 'yes'],
    ['hash:net', ['10.1.0.0/16'], 'dst', 'yes'],
    ['hash:net', ['10.2.0.0/16'], 'dst', 'no'],
    ['hash:net', [], 'dst', 'no'],
    ['hash:net,net', ['192.0.2.0/24,10.1.0.0/16'], 'src,dst', 'yes'],
    ['hash:net,net', ['192.0.2.0/24,10.1.0.0/16'], 'dst,src', 'no'],
  ])('%s %j %s: %s', (type, elements, directions, expected) => {
    expect(inside(set(type, elements), directions)).toBe(expected);
  });

  it('of IPv6', () => {
    const six = { from: '2001:db8::1', to: '2001:db8::2' };
    expect(inside(set('hash:net', ['2001:db8::/64'], { family: 6 }), 'src', six)).toBe('yes');
    expect(inside(set('hash:net', ['2001:db8::/64'], { family: 6 }), 'src')).toBe('no');
    expect(inside(set('hash:net', ['10.0.0.0/8']), 'src', six)).toBe('no');
  });

  it('with a mask that has holes', () => {
    const holes = set('hash:ip', ['192.0.0.7']);
    const [element] = holes.elements;
    const part = element?.parts[0];
    if (element === undefined || part?.kind !== 'address') throw new Error('no address');
    const elements = [{ ...element, parts: [{ ...part, mask: 0xffff00ffn }] }];
    expect(inside({ ...holes, elements }, 'src')).toBe('yes');
    expect(inside({ ...holes, elements }, 'src', { from: '192.0.2.8' })).toBe('no');
  });
});

// Each of these was tried on Linux 6 with ipset 7 and iptables-nft 1.8.
describe('exceptions (nomatch)', () => {
  const plainAndException = ['10.0.0.0/8', '10.1.0.0/16 nomatch'];

  it('are found before the wider network', () => {
    expect(inside(set('hash:net', plainAndException), 'dst')).toBe('no');
    expect(inside(set('hash:net', plainAndException), 'dst', { to: '10.2.0.1' })).toBe('yes');
    expect(inside(set('hash:net', [...plainAndException, '10.1.2.10']), 'dst')).toBe('yes');
  });

  it('answer the other way round with --return-nomatch', () => {
    expect(inside(set('hash:net', plainAndException), 'dst', {}, true)).toBe('yes');
    expect(inside(set('hash:net', plainAndException), 'dst', { to: '10.2.0.1' }, true)).toBe('no');
    expect(inside(set('hash:net', plainAndException), 'dst', { to: '11.0.0.1' }, true)).toBe('no');
  });

  it('--return-nomatch says nothing to sets that know no exceptions', () => {
    expect(inside(set('hash:ip', ['10.1.2.10']), 'dst', {}, true)).toBe('yes');
  });

  it('count only where the other dimensions agree', () => {
    const ports = set('hash:net,port', ['10.0.0.0/8,6:22', '10.1.0.0/16,6:23 nomatch', '10.0.0.0/8,6:23']);
    expect(inside(ports, 'dst,dst')).toBe('yes');
    expect(inside(ports, 'dst,dst', { dport: 23 })).toBe('no');
    expect(inside(ports, 'dst,dst', { dport: 23 }, true)).toBe('yes');
  });

  it('the first network of two is the more important', () => {
    const nets = set('hash:net,net', ['192.0.2.0/24,10.0.0.0/8 nomatch', '192.0.0.0/16,10.1.2.0/24']);
    expect(inside(nets, 'src,dst')).toBe('no');
    expect(inside(nets, 'src,dst', { from: '192.0.3.1' })).toBe('yes');
  });
});

describe('ports', () => {
  const ports = (text: string) => set('hash:ip,port', [`10.1.2.10,${text}`]);

  it.each([
    ['6:22', {}, 'yes'],
    ['6:20-30', {}, 'yes'],
    ['17:22', {}, 'no'],
    ['17:22', { protocol: 17 }, 'yes'],
    ['132:22', { protocol: 132 }, 'yes'],
    ['136:22', { protocol: 136 }, 'yes'],
    ['47:0', { protocol: 47 }, 'yes'],
    // ipset reads no ports of DCCP.
    ['33:22', { protocol: 33 }, 'no'],
    ['33:0', { protocol: 33 }, 'yes'],
    ['1:2048', { protocol: 1, icmpType: 8 }, 'yes'],
    ['1:2048', { protocol: 1, icmpType: 0 }, 'no'],
    ['1:769', { protocol: 1, icmpType: 3, icmpCode: 1 }, 'yes'],
    ['6:22', { fragment: 'later' }, 'no'],
    ['47:0', { protocol: 47, fragment: 'later' }, 'yes'],
    ['0:0', { protocol: 0 }, 'no'],
  ] as const)('%s and %j: %s', (text, change, expected) => {
    expect(inside(ports(text), 'dst,dst', change)).toBe(expected);
    expect(matches(not(inSet('s', 'dst,dst')), packet(change), { sets: [ports(text)] })).toBe(
      expected === 'yes' ? 'no' : 'yes',
    );
  });

  it('of IPv6 are those behind the extension headers', () => {
    const six = { from: '::1', to: '::2' };
    const of = (text: string, change: Change) =>
      inside(set('hash:ip,port', [`::2,${text}`], { family: 6 }), 'dst,dst', { ...six, ...change });
    expect(of('6:22', {})).toBe('yes');
    expect(of('58:32768', { protocol: 58, icmpType: 128 })).toBe('yes');
    expect(of('47:0', { protocol: 47 })).toBe('yes');
    expect(of('47:0', { protocol: 47, fragment: 'later' })).toBe('no');
    expect(of('51:0', { protocol: 51 })).toBe('no');
  });

  it('are the source port with src', () => {
    expect(inside(set('hash:ip,port', ['10.1.2.10,6:40000']), 'dst,src')).toBe('yes');
  });

  it('of bitmap:port are those of TCP and UDP', () => {
    const bitmap = set('bitmap:port', ['22', '80-90']);
    expect(inside(bitmap, 'dst')).toBe('yes');
    expect(inside(bitmap, 'dst', { protocol: 17, dport: 85 })).toBe('yes');
    expect(inside(bitmap, 'dst', { protocol: 132 })).toBe('no');
    expect(inside(bitmap, 'src')).toBe('no');
    expect(inside(bitmap, 'dst', { from: '::1', to: '::2' })).toBe('yes');
  });

  it('with two addresses, or an address and a network', () => {
    expect(inside(set('hash:ip,port,ip', ['192.0.2.7,6:22,10.1.2.10']), 'src,dst,dst')).toBe('yes');
    const net = set('hash:ip,port,net', ['192.0.2.7,6:22,10.0.0.0/8', '192.0.2.7,6:22,10.1.0.0/16 nomatch']);
    expect(inside(net, 'src,dst,dst')).toBe('no');
    expect(inside(net, 'src,dst,dst', { to: '10.9.9.9' })).toBe('yes');
    expect(inside(set('hash:net,port,net', ['192.0.0.0/16,6:22,10.0.0.0/8']), 'src,dst,dst')).toBe('yes');
  });
});

describe('other dimensions', () => {
  it('source MAC addresses, and the destination MAC that nobody knows', () => {
    const macs = set('hash:mac', ['02:00:00:00:00:01']);
    expect(inside(macs, 'src')).toBe('yes');
    expect(inside(macs, 'src', { mac: mac('02:00:00:00:00:02') })).toBe('no');
    expect(inside(macs, 'dst')).toBe('unknown');
    expect(inside(set('hash:ip,mac', ['192.0.2.7,02:00:00:00:00:01']), 'src,src')).toBe('yes');
    expect(inside(set('bitmap:ip,mac', ['192.0.2.7']), 'src,src')).toBe('yes');
    expect(inside(set('hash:mac', ['00:00:00:00:00:00']), 'src', { mac: 0 })).toBe('no');
  });

  it('marks, compared under the mask of the set', () => {
    const marks = set('hash:ip,mark', ['192.0.2.7,0x12'], { markmask: 0xff });
    expect(inside(marks, 'src,src', { mark: 0x3412 })).toBe('yes');
    expect(inside(marks, 'src,src', { mark: 0x3413 })).toBe('no');
  });

  it('interfaces, by name or beginning; bridge ports are not known', () => {
    const ifaces = (text: string) => set('hash:net,iface', [`0.0.0.0/0,${text}`]);
    expect(inside(ifaces('eth0'), 'src,src')).toBe('yes');
    expect(inside(ifaces('eth+'), 'src,src')).toBe('yes');
    expect(inside(ifaces('eth1'), 'src,src')).toBe('no');
    expect(inside(ifaces('eth1'), 'src,dst', { hook: 'forward' })).toBe('yes');
    expect(inside(ifaces('+'), 'src,dst')).toBe('no');
    expect(inside(ifaces('physdev:eth0'), 'src,src')).toBe('unknown');
    expect(inside(ifaces('physdev:eth0'), 'src,src', { from: '::1', to: '::2' })).toBe('no');
  });

  // Tried on Linux 6: the lookup does not go on to wider networks, but for bridge ports.
  it('the most specific network decides, whichever interfaces are stored with it', () => {
    const nets = (...elements: string[]) => set('hash:net,iface', elements);
    expect(inside(nets('10.0.0.0/8,eth0', '10.1.0.0/16,eth1'), 'dst,src')).toBe('no');
    expect(inside(nets('10.0.0.0/8,eth0', '10.2.0.0/16,eth1'), 'dst,src')).toBe('yes');
    expect(inside(nets('10.0.0.0/8,eth1', '10.1.0.0/16,eth1', '10.1.2.0/24,eth0'), 'dst,src')).toBe('yes');
    expect(inside(nets('10.0.0.0/8,eth0', '10.1.0.0/16,physdev:eth1'), 'dst,src')).toBe('yes');
    expect(inside(nets('10.0.0.0/8,eth0 nomatch', '10.1.0.0/16,eth1'), 'dst,src', {}, true)).toBe('no');
    expect(inside(nets('10.0.0.0/8,eth0 nomatch', '10.1.0.0/16,eth0'), 'dst,src')).toBe('yes');
    expect(inside(nets('10.0.0.0/8,eth0 nomatch', '10.0.0.0/8,eth+'), 'dst,src')).toBe('unknown');
  });

  it('an interface that may be several is looked up for each', () => {
    const ifaces = set('hash:net,iface', ['0.0.0.0/0,eth0', '0.0.0.0/0,eth1']);
    const asked = (names: readonly string[]) =>
      matches(inSet('s', 'src,src'), packet(), { sets: [ifaces], circumstances: { inNames: names } });
    expect(asked(['eth0', 'eth1'])).toBe('yes');
    expect(asked(['eth0', 'ppp0'])).toBe('unknown');
    expect(asked(['ppp0', 'ppp1'])).toBe('no');
  });
});

describe('lists of sets', () => {
  const list = namedSet('s', 'list:set', ['a', 'b']);
  const a = namedSet('a', 'hash:net', ['10.0.0.0/8', '10.1.0.0/16 nomatch']);
  const b = namedSet('b', 'hash:ip', ['10.1.2.10']);

  it('hold what a member holds', () => {
    expect(inside([list, a, b], 'dst')).toBe('yes');
    expect(inside([list, a, b], 'dst', { to: '10.2.0.1' })).toBe('yes');
    expect(inside([list, a, b], 'dst', { to: '10.1.2.11' })).toBe('no');
    expect(inside([namedSet('s', 'list:set', ['a']), a], 'dst', {}, true)).toBe('yes');
    expect(inside([namedSet('s', 'list:set', []), a], 'dst')).toBe('no');
  });

  it('pass members of more dimensions or of the other family by', () => {
    const c = namedSet('c', 'hash:ip,port', ['10.1.2.10,6:22']);
    const six = namedSet('six', 'hash:net', ['::/1'], { family: 6 });
    const all = [namedSet('s', 'list:set', ['six', 'c']), c, six];
    expect(inside(all, 'dst')).toBe('no');
    expect(inside(all, 'dst,dst')).toBe('yes');
  });

  it('are undecided by a member that was not supplied, unless another holds the packet', () => {
    expect(inside([namedSet('s', 'list:set', ['gone'])], 'dst')).toBe('unknown');
    expect(inside([namedSet('s', 'list:set', ['gone', 'b']), b], 'dst')).toBe('yes');
  });

  it('of themselves end', () => {
    expect(inside([namedSet('s', 'list:set', ['s'])], 'dst')).toBe('unknown');
  });
});

describe('what is not known', () => {
  it('too few directions match nothing, too many are ignored', () => {
    expect(inside(set('hash:ip,port', ['10.1.2.10,6:22']), 'dst')).toBe('no');
    expect(inside(set('hash:ip', ['10.1.2.10']), 'dst,dst')).toBe('yes');
  });

  it('an open field leaves the match open only where it decides', () => {
    const open = { circumstances: { open: { mac: [0, 2 ** 48 - 1] } } };
    const sets = [namedSet('s', 'hash:ip,mac', ['192.0.2.7,02:00:00:00:00:01'])];
    expect(matches(inSet('s', 'src,src'), packet(), { sets, ...open })).toBe('unknown');
    expect(matches(inSet('s', 'src,src'), packet({ from: '192.0.2.8' }), { sets, ...open })).toBe('no');
    const rules = ruleset(
      [chain('I', [rule(inSet('s', 'src,src'), ACCEPT)], { hook: 'input', policy: 'drop' })],
      { sets },
    );
    expect(outcomes(rules, packet(), open.circumstances).dependsOn).toEqual(['-m set --match-set s src,src']);
  });

  it('an exception that may be found and a plain element behind it', () => {
    const sets = [namedSet('s', 'hash:net,iface', ['10.1.0.0/16,eth1 nomatch', '10.0.0.0/8,eth1'])];
    const asked = { sets, circumstances: { outNames: ['eth1', 'eth2'] } };
    expect(matches(inSet('s', 'dst,dst'), packet({ hook: 'forward' }), asked)).toBe('no');
    expect(matches(inSet('s', 'dst,dst'), packet({ hook: 'forward', to: '10.2.0.1' }), asked)).toBe(
      'unknown',
    );
  });
});

// Sets of many elements are looked up by an index, those of few one by one.
describe('among many elements', () => {
  const filler = Array.from({ length: 80 }, (_, i) => `198.18.${i}.0/24`);
  const network = fc
    .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 24, max: 32 }))
    .map(([host, prefix]) => `192.0.2.${(host >> (32 - prefix)) << (32 - prefix)}/${prefix}`);
  const net = fc.tuple(network, fc.boolean()).map(([one, not]) => `${one}${not ? ' nomatch' : ''}`);
  const to = fc.constantFrom('10.1.0.0/16', '10.1.2.0/24', '10.9.0.0/16');
  const pair = fc.tuple(network, to).map((both) => both.join());
  const first = ({ elements }: NamedSet, all: NamedSet): NamedSet => ({
    ...all,
    elements: [...all.elements.slice(0, 40), ...elements, ...all.elements.slice(40)],
  });

  it.each([
    ['hash:net', 'src', net, filler],
    ['hash:net,net', 'src,dst', pair, filler.map((one) => `${one},10.0.0.0/8`)],
  ])('the same are found: %s', (type, directions, element, others) => {
    fc.assert(
      fc.property(fc.uniqueArray(element, { maxLength: 6 }), fc.integer({ min: 0, max: 15 }), (few, host) => {
        const change = { from: `192.0.2.${host}`, to: '10.1.2.3' };
        const small = set(type, few);
        expect(inside(first(small, set(type, others)), directions, change)).toBe(
          inside(small, directions, change),
        );
      }),
      { numRuns: 300, seed: 20261122 },
    );
  });

  it('elements of one address, more than a call takes arguments', () => {
    const ports = Array.from({ length: 65_535 }, (_, i) => i + 1);
    const all = [6, 17, 132].flatMap((protocol) => ports.map((port) => `192.0.2.7,${protocol}:${port}`));
    const large = set('hash:ip,port', all);
    expect(inside(large, 'src,dst', { from: '192.0.2.7', dport: 65_535 })).toBe('yes');
    expect(inside(large, 'src,dst', { from: '192.0.2.7', dport: 0 })).toBe('no');
  });

  it('ranges that are no network, and the other family', () => {
    const addresses = Array.from({ length: 80 }, (_, i) => `198.18.${i}.0`);
    const range = set('bitmap:ip', ['192.0.2.3-192.0.2.9', ...addresses]);
    expect(inside(range, 'src', { from: '192.0.2.7' })).toBe('yes');
    expect(inside(range, 'src', { from: '192.0.2.10' })).toBe('no');
    const six = Array.from({ length: 80 }, (_, i) => `2001:db8:${i}::/48`);
    const nets = set('hash:net', six, { family: 6 });
    expect(inside(nets, 'src', { from: '2001:db8:7::1', to: '2001:db8::2' })).toBe('yes');
    expect(inside(nets, 'src', { from: '2001:db9:7::1', to: '2001:db8::2' })).toBe('no');
    expect(inside(nets, 'src')).toBe('no');
  });
});
