import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/packet/address.ts';
import { setCondition } from '../../../src/rule/set-condition.ts';
import { holds } from '../../rule/evaluate.ts';
import { readSets } from '../../rule/read-sets.ts';
import { orRequired } from '../../support/required.ts';

const NAMESPACE = `postern-packets-${process.pid}`;

/** Sets of loopback addresses, so that a packet needs no network; everything leaves by `lo`. */
const SETS = `create ni hash:net,iface
add ni 127.0.0.0/8,lo
add ni 127.1.0.0/16,eth1
add ni 127.2.0.0/16,lo nomatch
add ni 127.3.0.0/16,l wildcard
create n hash:net
add n 127.0.0.0/8
add n 127.1.0.0/16 nomatch
add n 127.1.2.0/24
create p hash:ip,port
add p 127.0.0.1,udp:9
add p 127.0.0.2,9
create np hash:net,port
add np 127.0.0.0/8,udp:9
add np 127.1.0.0/16,udp:9 nomatch
create bp bitmap:port range 0-100
add bp 9
create odd hash:ip bitmask 255.0.255.0
add odd 127.0.7.0
create six hash:net family inet6
add six ::/1
create l list:set
add l n
add l p
add l six
create l3 list:set
add l3 np
`;

/** Matches with every direction that the sets have a use for. */
const MATCHES = [
  ['ni', 'dst,dst', false],
  ['ni', 'dst,src', false],
  ['ni', 'dst,dst', true],
  ['n', 'dst', false],
  ['n', 'src', false],
  ['n', 'dst', true],
  ['n', 'dst,dst', true],
  ['p', 'dst,dst', false],
  ['p', 'dst,dst', true],
  ['p', 'dst', false],
  ['np', 'dst,dst', false],
  ['np', 'dst,dst', true],
  ['bp', 'dst', false],
  ['bp', 'dst', true],
  ['odd', 'dst', false],
  ['l', 'dst,dst', false],
  ['l', 'dst,dst', true],
  ['l', 'dst', false],
  ['l', 'dst', true],
  ['l3', 'dst', false],
  ['l3', 'dst,dst', true],
] as const;

const DESTINATIONS = [
  '127.0.0.1',
  '127.0.0.2',
  '127.1.0.1',
  '127.1.2.3',
  '127.2.0.1',
  '127.3.0.1',
  '127.9.7.200',
];

function run(command: string, input?: string): { status: number; stdout: string; stderr: string } {
  const result = spawnSync('ip', ['netns', 'exec', NAMESPACE, 'sh', '-c', command], {
    input,
    encoding: 'utf8',
  });
  return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
}

function hasKernel(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'add', NAMESPACE]).status !== 0) return false;
  const usable =
    run('ip link set lo up && ipset restore', SETS).status === 0 && run(rule(MATCHES[0])).status === 0;
  if (!usable) spawnSync('ip', ['netns', 'del', NAMESPACE]);
  else run('iptables -F OUTPUT');
  return usable;
}

function rule([set, directions, reversed]: (typeof MATCHES)[number]): string {
  return `iptables -A OUTPUT -p udp -m set --match-set ${set} ${directions}${reversed ? ' --return-nomatch' : ''}`;
}

const KERNEL = orRequired(hasKernel());

describe.skipIf(!KERNEL)('set lookups of real packets (root, iptables and network namespaces)', () => {
  beforeAll(() => {
    const made = run(MATCHES.map(rule).join(' && '));
    expect(made.stderr).toBe('');
  });
  afterAll(() => {
    spawnSync('ip', ['netns', 'del', NAMESPACE]);
  });

  it.each(DESTINATIONS)('a UDP packet to port 9 of %s', (destination) => {
    const sent = run(
      `iptables -Z OUTPUT; bash -c 'echo > /dev/udp/${destination}/9'; iptables -L OUTPUT -vnx`,
    );
    const counters = sent.stdout
      .split('\n')
      .slice(2)
      .filter((line) => line.trim() !== '');
    const real = counters.map((line) => Number(line.trim().split(/\s+/)[0]) > 0);
    const sets = readSets(SETS);
    const dst = parseAddress(destination)?.value as bigint;
    // The route to 127.0.0.0/8 gives every packet the source address 127.0.0.1.
    const packet = {
      family: 4,
      src: 0x7f000001n,
      dst,
      protocol: 17,
      sport: 40000,
      dport: 9,
      in: '',
      out: 'lo',
      fragment: 0,
    } as const;
    const ours = MATCHES.map(([name, directions, reversed]) => {
      const set = sets.get(name);
      if (set === undefined) throw new Error(`no set ${name}`);
      return holds(setCondition(set, sets, directions.split(',') as ('src' | 'dst')[], reversed), packet);
    });
    const named = (answers: readonly boolean[]): unknown =>
      MATCHES.map((match, at) => [...match, answers[at]]);
    expect(real.length).toBe(MATCHES.length);
    expect(named(ours)).toEqual(named(real));
  });
});
